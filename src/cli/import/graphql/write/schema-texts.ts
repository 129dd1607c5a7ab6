import { endpointsVariable } from '../../../../backend/define/endpoints-variable.ts';
import { quoted } from '../../../codegen/layout.ts';
import { moduleIndex } from '../../write/module-index.ts';
import type { ImportedSchema, SchemaLoader, SchemaRootField } from '../imported-schema.ts';

/** Name of the file with the SDL of the service. */
export const SERVICE_FILE = 'service.graphql';

const loaderText = ({ name, type, key, by }: SchemaLoader): string => {
  const options = [
    ...(by === null
      ? [`entities: ${quoted(type)}`]
      : [`field: ${quoted(by.field)}`, `argument: ${quoted(by.argument)}`]),
    ...(key === 'id' ? [] : [`key: ${quoted(key)}`]),
  ];
  return `  ${name}: remoteBatch('api', { ${options.join(', ')} }),`;
};

const resolverText = ({ name, field }: SchemaRootField): string =>
  `    ${name}: remote('api'${name === field.name ? '' : `, ${quoted(field.name)}`}),`;

/** The text of imported.generated.ts: names of types, loaders, merges and resolvers. */
export const schemaCode = ({ schema, names, fieldName, loaders, fields }: ImportedSchema, header: string): string => {
  const mapped = [...names].flatMap(([from, name]) => {
    const type = schema.getType(from);
    const fields = type !== undefined && 'getFields' in type ? Object.keys(type.getFields()) : [];
    const renamed = fields.filter((field) => fieldName(from, field) !== field);
    if (from === name && renamed.length === 0) return [];
    const members = renamed.map((field) => `${fieldName(from, field)}: ${quoted(field)}`);
    return [
      `  ${name}: { from: ${quoted(from)}${members.length === 0 ? '' : `, fields: { ${members.join(', ')} }`} },`,
    ];
  });
  const block = (lines: readonly string[], ending = ''): string =>
    lines.length === 0 ? `{}${ending}` : `{\n${lines.join('\n')}\n}${ending}`;
  const roots = (['Query', 'Mutation'] as const).flatMap((root) => {
    const own = fields.filter((field) => field.root === root);
    const note =
      root === 'Mutation'
        ? ["    // Sent once. { idempotencyKey: 'input.key' } names the argument with the client's key."]
        : [];
    return own.length === 0 ? [] : [`  ${root}: {\n${[...note, ...own.map(resolverText)].join('\n')}\n  },`];
  });
  const imports = ['remote', ...(loaders.length > 0 ? ['remoteBatch'] : [])];
  return `${[
    `${header}\nimport { ${imports.join(', ')} } from 'tributary/backend';`,
    `/** Names of types and fields in the service, where they differ. */\nexport const types = ${block(mapped)};`,
    `export const loaders = () => (${block(loaders.map(loaderText))});`,
    `/** Types that other modules may refer to by their key. */\nexport const merge = ${block(
      loaders.map(
        ({ type, key, name }) =>
          `  ${names.get(type)}: { key: ${quoted(fieldName(type, key))}, load: ${quoted(name)} },`,
      ),
      ' as const',
    )};`,
    `export const resolvers = ${block(roots)};`,
  ].join('\n\n')}\n`;
};

/** The text of index.ts: the module, which the author owns. */
export const schemaIndex = ({ name, title, origin, path, headers }: ImportedSchema): string => {
  const constant = name.toUpperCase().replaceAll('-', '_');
  const secrets = headers.map(
    (header) =>
      `    // Its header: headers: { ${quoted(header)}: secret('${constant}_${header.toUpperCase().replaceAll(/\W+/g, '_')}') }`,
  );
  const options = [`schema: './${SERVICE_FILE}'`, ...(path === '/graphql' ? [] : [`path: ${quoted(path)}`]), 'types'];
  return moduleIndex({
    name,
    title,
    protocol: 'GraphQL',
    imports: ['defineBackend', 'graphql', 'sdl'],
    declared: ['loaders', 'merge', 'resolvers', 'types'],
    upstreams: [
      `    // ${endpointsVariable(name, 'api')}=${origin ?? 'https://…'}`,
      ...secrets,
      `    api: graphql({ ${options.join(', ')} }),`,
    ],
  });
};
