import { endpointsVariable } from '../../../backend/define/endpoints-variable.ts';
import { fieldCounts } from '../field-counts.ts';
import type { ImportedFolder } from '../imported-folder.ts';
import { usedDefinitions } from '../used-definitions.ts';
import { sdlText, sdlType } from '../write/sdl-text.ts';
import type { ImportedModule, RootField } from './imported-module.ts';
import { labelOf } from './operation/operations.ts';
import { generatedText } from './write/generated-text.ts';
import { indexText } from './write/index-text.ts';
import { mockText } from './write/mock-text.ts';
import { testText } from './write/test-text.ts';

const becomes = (field: RootField, { loaders }: ImportedModule): string => {
  const loader = loaders.find(
    (one) => one.field === field.name || (field.method === 'get' && one.path === field.path && one.kind === 'each'),
  );
  const result = field.pages?.connection ?? (field.result.type === null ? 'Boolean' : sdlType(field.result.type));
  const notes = [
    ...(loader === undefined
      ? []
      : [`loader ${loader.name} (${loader.kind === 'each' ? 'one call a key' : 'one call for many keys'})`]),
    ...(field.pages === null ? [] : [`pages by ${field.pages.style}`]),
  ];
  return [`${field.root}.${field.name}: ${result}`, ...notes].join(', ');
};

/** The folder of a module over REST. */
export const openapiFolder = (module: ImportedModule): ImportedFolder => {
  const definitions = usedDefinitions(module);
  return {
    name: module.name,
    title: module.title,
    sdl: (owned) => sdlText({ fields: module.fields, definitions: definitions.filter(({ name }) => !owned.has(name)) }),
    code: (header) => generatedText(module, definitions, header),
    own: {
      'index.ts': indexText(module),
      'index.test.ts': testText(module, definitions),
      'mock.ts': mockText(module, definitions),
    },
    copies: new Map(),
    operations: module.fields.map((field) => ({ operation: labelOf(field), becomes: becomes(field, module) })),
    skipped: module.skipped,
    avoided: new Map(
      [...module.avoided].filter(([name]) => module.loaders.some(({ type, key }) => type === name && key !== null)),
    ),
    counts: fieldCounts(module.fields, definitions),
    variables: [endpointsVariable(module.name, 'api')],
    secrets: module.secrets,
  };
};
