import { endpointsVariable } from '../../../backend/define/endpoints-variable.ts';
import { fieldCounts } from '../field-counts.ts';
import type { ImportedFolder } from '../imported-folder.ts';
import { usedDefinitions } from '../used-definitions.ts';
import { sdlText, sdlType } from '../write/sdl-text.ts';
import type { ImportedService, ProtoRootField } from './imported-service.ts';
import { serviceCases } from './write/service-cases.ts';
import { serviceIndex } from './write/service-index.ts';
import { serviceMock } from './write/service-mock.ts';
import { serviceTest } from './write/service-test.ts';
import { serviceText } from './write/service-text.ts';

const becomes = (field: ProtoRootField, { loaders }: ImportedService): string => {
  const loader = loaders.find((one) => one.field === field.name || one.route === field.route);
  const result = field.pages?.connection ?? (field.result.type === null ? 'Boolean' : sdlType(field.result.type));
  return [
    `${field.root}.${field.name}: ${result}`,
    ...(loader === undefined
      ? []
      : [`loader ${loader.name} (${loader.kind === 'each' ? 'one call a key' : 'one call for many keys'})`]),
    ...(field.pages === null ? [] : ['pages by token']),
  ].join(', ');
};

/** The folder of a module over gRPC. `copies` are its .proto files. */
export const serviceFolder = (service: ImportedService, copies: ReadonlyMap<string, string>): ImportedFolder => {
  const definitions = usedDefinitions(service);
  const cases = serviceCases(service, definitions);
  return {
    name: service.name,
    title: service.title,
    sdl: (owned) =>
      sdlText({ fields: service.fields, definitions: definitions.filter(({ name }) => !owned.has(name)) }),
    code: (header) => serviceText(service, definitions, header),
    own: {
      'index.ts': serviceIndex(service),
      'index.test.ts': serviceTest(service, cases),
      'mock.ts': serviceMock(service, cases),
    },
    copies,
    operations: service.fields.map((field) => ({ operation: field.route, becomes: becomes(field, service) })),
    skipped: service.skipped,
    avoided: new Map([...service.avoided].filter(([name]) => service.loaders.some(({ type }) => type === name))),
    counts: fieldCounts(service.fields, definitions),
    variables: service.upstreams.map(({ name }) => endpointsVariable(service.name, name)),
  };
};
