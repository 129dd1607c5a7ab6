import { quoted } from '../../../codegen/layout.ts';
import type { Definition, EnumDefinition } from '../../imported-graph.ts';
import { usedDefinitions } from '../../used-definitions.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedService, MessageObject, ProtoLoader, ProtoRootField } from '../imported-service.ts';
import { INPUT_HELPERS, inputText } from './input-text.ts';
import { type MessageNames, messageNames } from './message-names.ts';
import { type MethodText, maskName, methodText } from './method-text.ts';
import { type OutputText, outputConversion, outputText } from './output-text.ts';

const PARALLEL_CALLS = 8;
const KEYS_OF_A_CALL = 100;

const accessed = (of: string, property: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(property) ? `${of}.${property}` : `${of}[${quoted(property)}]`;

const loaderText = ({ kind, upstream, call, parameter, keyType, keyProperty, rows }: ProtoLoader): string => {
  const called = (value: string) => `${upstream}.${call}({ ${propertyName(parameter)}: ${value} })`;
  if (kind === 'each') {
    const load = rows === null ? called('key') : `${accessed(`(await ${called('key')})`, rows)}`;
    return `each(${rows === null ? '' : 'async '}(key: ${keyType}) => ${load}, { concurrency: ${PARALLEL_CALLS} })`;
  }
  return [
    'batch(',
    `    async (keys: readonly ${keyType}[]) => byKey(${accessed(`(await ${called('keys')})`, rows ?? '')}, ${quoted(keyProperty)}),`,
    `    { maxSize: ${KEYS_OF_A_CALL} },`,
    '  )',
  ].join('\n');
};

const loadersText = (loaders: readonly ProtoLoader[]): string => {
  if (loaders.length === 0) return 'export const loaders = () => ({});';
  const upstreams = [...new Set(loaders.map(({ upstream }) => upstream))];
  const members = loaders.map((loader) => `  ${loader.name}: ${loaderText(loader)},`);
  return `export const loaders = ({ ${upstreams.join(', ')} }: Clients<Shape, Upstreams>) => ({\n${members.join('\n')}\n});`;
};

const mergeText = (loaders: readonly ProtoLoader[]): string => {
  const members = loaders.map(({ type, key, name }) => `  ${type}: { key: '${key}', load: '${name}' },`);
  return members.length === 0
    ? 'export const merge = {} as const;'
    : `export const merge = {\n${members.join('\n')}\n} as const;`;
};

const rowsText = (
  { enums }: Pick<ImportedService, 'enums'>,
  objects: readonly MessageObject[],
  names: MessageNames,
): string => {
  const rows = objects
    .filter(({ side }) => side === 'output')
    .map((object) => `  readonly ${object.name}: ${names.row(object)};`);
  return [
    '/** Messages of the rows of types, and values of enums. */',
    'export interface Rows {',
    ...rows,
    ...enums.map(({ name, type }) => `  readonly ${name}: ${names.read(type)};`),
    '}',
  ].join('\n');
};

const enumText = ({ name, values }: EnumDefinition): string =>
  `  ${name}: enumeration({\n${values.map((one) => `    ${one.name}: ${quoted(one.value)},`).join('\n')}\n  }),`;

const rootText = (root: ProtoRootField['root'], { fields, loaders }: ImportedService, text: MethodText): string[] => {
  const own = fields.filter((field) => field.root === root);
  if (own.length === 0) return [];
  const members = own.map((field) =>
    text.resolver(field, loaders.find((loader) => loader.field === field.name)?.name ?? null),
  );
  return [`  ${root}: {\n${members.join('\n')}\n  },`];
};

const masksText = ({ fields }: ImportedService, { paths }: OutputText, definitions: readonly Definition[]): string[] =>
  fields
    .filter(({ mask }) => mask !== null)
    .map((field) => {
      const rows = field.pages?.rows.type ?? field.result.type;
      const type = rows?.kind === 'list' ? rows.item : rows;
      const loaders = type?.kind === 'object' ? [{ type: type.name, key: null }] : [];
      const all = usedDefinitions({ definitions, fields: [], loaders }).flatMap(({ name }) => paths.get(name) ?? []);
      const at = field.pages === null ? [] : ["  at: ['nodes', 'edges.node'],"];
      const lines = all.length === 0 ? [] : ['  paths: {', ...all.map((path) => `    ${path},`), '  },'];
      return `const ${maskName(field)} = {\n${[...at, ...lines].join('\n')}\n};`;
    });

const typesText = (used: string, { upstreams }: ImportedService): string[] => [
  'type Shape = Schema<Rows>;',
  `type Upstreams = {\n${upstreams.map(({ name, service }) => `  readonly ${name}: GrpcUpstream<${quoted(service)}>;`).join('\n')}\n};`,
  ...(used.includes(': Call') ? ['type Call = Context<Shape, Upstreams, typeof loaders>;'] : []),
  ...(used.includes(': Info') ? ['type Info = Parameters<typeof fieldMask>[0];'] : []),
  ...(['Query', 'Mutation'] as const).flatMap((root) =>
    used.includes(`${root}Args<`)
      ? [
          `type ${root}Args<Name extends keyof Shape['objects']['${root}']['fields']> = Shape['objects']['${root}']['fields'][Name]['args'];`,
        ]
      : [],
  ),
];

const importsText = (code: string, declared: ReadonlySet<string>): string => {
  const values = ['batch', 'byKey', 'connection', 'each', 'entries', 'enumeration', 'fieldMask', 'oneofRow'].filter(
    (name) => new RegExp(`(?<![.\\w])${name}[(>]`).test(code),
  );
  const types = ['Clients', 'Context', 'GrpcUpstream'].filter((name) => new RegExp(`\\b${name}<`).test(code));
  const names = [...values, ...types.map((name) => `type ${name}`)].toSorted((one, other) =>
    one.replace('type ', '').toLowerCase() < other.replace('type ', '').toLowerCase() ? -1 : 1,
  );
  const own = [...declared].filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  return [
    `import {\n${names.map((name) => `  ${name},`).join('\n')}\n} from 'tributary/backend';`,
    `import type {\n${[...own, 'Schema']
      .toSorted()
      .map((name) => `  ${name},`)
      .join('\n')}\n} from './schema.generated.ts';`,
  ].join('\n');
};

/** The text of imported.generated.ts: loaders, merges and resolvers. */
export const serviceText = (service: ImportedService, definitions: readonly Definition[], header: string): string => {
  const used = new Set(definitions.map(({ name }) => name));
  const objects = service.objects.filter(({ name }) => used.has(name));
  const names = messageNames(service);
  const input = inputText(objects, names);
  const output = outputText(objects, service);
  const methods = methodText(input, outputConversion(service.enums));
  const enums = definitions.filter((definition) => definition.kind === 'enum');
  const members = [
    ...rootText('Query', service, methods),
    ...rootText('Mutation', service, methods),
    ...output.members,
    ...enums.map(enumText),
  ];
  const declarations = input.declarations();
  const helpers = Object.entries(INPUT_HELPERS).flatMap(([name, text]) => (input.helpers.has(name) ? [text] : []));
  const rows = rowsText({ enums: service.enums.filter(({ name }) => used.has(name)) }, objects, names);
  const code = [
    ...helpers,
    ...declarations,
    ...masksText(service, output, definitions),
    loadersText(service.loaders),
    `/** Types that other modules may refer to by their key. */\n${mergeText(service.loaders)}`,
    `export const resolvers = {\n${members.join('\n')}\n};`,
  ].join('\n\n');
  const types = typesText(code, service).join('\n');
  const imports = importsText(`${rows}\n${types}\n${code}`, names.used);
  return `${[`${header}\n${imports}`, rows, types, code].join('\n\n')}\n`;
};
