import { Kind, parse, type TypeNode, visit } from 'graphql';
import { endpointsVariable } from '../../../backend/define/endpoints-variable.ts';
import type { FieldCounts, ImportedFolder } from '../imported-folder.ts';
import type { ImportedSchema, SchemaRootField } from './imported-schema.ts';
import { schemaMock } from './write/schema-mock.ts';
import { schemaSdl } from './write/schema-sdl.ts';
import { schemaTest } from './write/schema-test.ts';
import { SERVICE_FILE, schemaCode, schemaIndex } from './write/schema-texts.ts';

const namedIn = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedIn(type.type));

const countsOf = (sdl: string, types: number): FieldCounts => {
  const found: string[] = [];
  const add = (node: { readonly type: TypeNode }): void => void found.push(namedIn(node.type));
  visit(parse(sdl), { FieldDefinition: add, InputValueDefinition: add });
  // A scalar of a service becomes JSON if its values are of any form.
  const json = found.filter((name) => name === 'JSON').length;
  return { types, all: found.length, json, byContract: json };
};

const becomes = ({ root, name, field }: SchemaRootField, { loaders, names }: ImportedSchema): string => {
  const loader = loaders.find(({ by }) => by?.field === field.name);
  const type = String(field.type).replace(/\w+/, (of) => names.get(of) ?? of);
  const keys =
    loader?.by?.isList === false ? 'one operation with an alias for each key' : 'one operation for many keys';
  return `${root}.${name}: ${type}${loader === undefined ? '' : `, loader ${loader.name} (${keys})`}`;
};

/** Types that the SDL of a subgraph extends and does not define, each as it is written: `type Product`. */
const extendedTypes = (service: string): string[] => {
  const { definitions } = parse(service, { noLocation: true });
  const names = (kind: Kind) =>
    definitions.flatMap((node) => (node.kind === kind && 'name' in node && node.name ? node.name.value : []));
  const only = (extension: Kind, definition: Kind, keyword: string): string[] => {
    const defined = new Set(names(definition));
    return [...new Set(names(extension))].filter((name) => !defined.has(name)).map((name) => `${keyword} ${name}`);
  };
  return [
    ...only(Kind.OBJECT_TYPE_EXTENSION, Kind.OBJECT_TYPE_DEFINITION, 'type'),
    ...only(Kind.INTERFACE_TYPE_EXTENSION, Kind.INTERFACE_TYPE_DEFINITION, 'interface'),
  ];
};

/** The folder of a module over GraphQL. `service` is the SDL of the service. */
export const schemaFolder = (imported: ImportedSchema, service: string): ImportedFolder => ({
  name: imported.name,
  title: imported.title,
  sdl: (owned) => schemaSdl(imported, owned),
  code: (header) => schemaCode(imported, header),
  own: {
    'index.ts': schemaIndex(imported),
    'index.test.ts': schemaTest(imported),
    'mock.ts': schemaMock(imported, extendedTypes(service)),
  },
  copies: new Map([[SERVICE_FILE, service]]),
  operations: [
    ...imported.fields.map((field) => ({
      operation: `${field.root}.${field.field.name}`,
      becomes: becomes(field, imported),
    })),
    ...imported.loaders.flatMap(({ by, type, name }) =>
      by === null ? [{ operation: `_entities ${type}`, becomes: `loader ${name} (one operation for many keys)` }] : [],
    ),
  ],
  skipped: imported.skipped,
  avoided: imported.avoided,
  counts:
    imported.names.size === 0 && imported.fields.length === 0
      ? { types: 0, all: 0, json: 0, byContract: 0 }
      : countsOf(schemaSdl(imported, new Set()), imported.names.size),
  variables: [endpointsVariable(imported.name, 'api')],
});
