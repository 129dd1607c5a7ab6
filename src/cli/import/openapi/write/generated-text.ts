import { quoted } from '../../../codegen/layout.ts';
import type { Definition, EnumDefinition } from '../../imported-graph.ts';
import type { ImportedModule, RootField } from '../imported-module.ts';
import { HELPERS } from './helpers.ts';
import { loadersText, mergeText } from './loader-text.ts';
import { type ResolverText, resolverText } from './resolver-text.ts';
import { validators } from './validators.ts';

const rowsText = (enums: readonly EnumDefinition[]): string => {
  const members = enums.map(
    ({ name, values }) => `  readonly ${name}: ${values.map(({ value }) => quoted(value)).join(' | ')};`,
  );
  const comment = '/** Values of enums in the backend. */';
  return members.length === 0
    ? `${comment}\nexport interface Rows {}`
    : `${comment}\nexport interface Rows {\n${members.join('\n')}\n}`;
};

const enumText = ({ name, values }: EnumDefinition): string =>
  `  ${name}: enumeration({\n${values.map((one) => `    ${one.name}: ${quoted(one.value)},`).join('\n')}\n  }),`;

const needsValues = ({ values }: EnumDefinition): boolean => values.some(({ name, value }) => name !== value);

const rootText = (root: RootField['root'], { fields, loaders }: ImportedModule, text: ResolverText): string[] => {
  const own = fields.filter((field) => field.root === root);
  if (own.length === 0) return [];
  const members = own.map((field) =>
    text.resolver(field, loaders.find((loader) => loader.field === field.name)?.name ?? null),
  );
  return [`  ${root}: {\n${members.join('\n')}\n  },`];
};

/** Types that the code refers to. */
const typesText = (used: string, definitions: readonly Definition[]): string[] => {
  const args = (['Query', 'Mutation'] as const).flatMap((root) =>
    used.includes(`${root}Args<`)
      ? [
          `type ${root}Args<Name extends keyof Shape['objects']['${root}']['fields']> = Shape['objects']['${root}']['fields'][Name]['args'];`,
        ]
      : [],
  );
  const unions = definitions.some(({ kind }) => kind === 'union')
    ? [
        `type UnionRow<Name extends keyof Shape['abstracts']> = {\n  [Member in Shape['abstracts'][Name]]: Row<Shape, Member> & { readonly __typename: Member };\n}[Shape['abstracts'][Name]];`,
      ]
    : [];
  const call = used.includes(': Call)') ? ['type Call = Context<Shape, Upstreams, typeof loaders>;'] : [];
  return [
    'type Shape = Schema<Rows>;',
    'type Upstreams = { readonly api: ReturnType<typeof rest> };',
    ...call,
    ...args,
    ...unions,
  ];
};

const importsText = (used: string): string => {
  const values = ['batch', 'byKey', 'connection', 'each', 'entries', 'enumeration', 'file'].filter((name) =>
    new RegExp(`(?<![.\\w])${name}\\(`).test(used),
  );
  const types = ['Clients', 'Context', 'Row'].filter((name) => new RegExp(`\\b${name}<`).test(used));
  const names = [...values, ...types.map((name) => `type ${name}`), 'type rest'].toSorted((one, other) =>
    one.replace('type ', '').toLowerCase() < other.replace('type ', '').toLowerCase() ? -1 : 1,
  );
  return [
    `import {\n${names.map((name) => `  ${name},`).join('\n')}\n} from 'tributary/backend';`,
    ...(/\bz\./.test(used) ? ["import { z } from 'zod';"] : []),
    "import type { Schema } from './schema.generated.ts';",
  ].join('\n');
};

/** The text of imported.generated.ts: validators, loaders, merges and resolvers. */
export const generatedText = (module: ImportedModule, definitions: readonly Definition[], header: string): string => {
  const enums = definitions.filter((definition) => definition.kind === 'enum');
  const written = validators(definitions);
  const resolvers = resolverText(written);
  const roots = [...rootText('Query', module, resolvers), ...rootText('Mutation', module, resolvers)];
  const members = [...roots, ...enums.filter(needsValues).map(enumText)];
  const parts = [
    ...written.declarations,
    loadersText(module.loaders, written),
    `/** Types that other modules may refer to by their key. */\n${mergeText(module.loaders)}`,
    `export const resolvers = {\n${members.join('\n')}\n};`,
  ];
  const names = new Set([...written.helpers, ...resolvers.helpers]);
  const helpers = Object.entries(HELPERS).flatMap(([name, text]) => (names.has(name) ? [text] : []));
  const code = [...helpers, ...parts].join('\n\n');
  const types = typesText(code, definitions).join('\n');
  const imports = importsText(`${types}\n${code}`);
  return `${[`${header}\n${imports}`, rowsText(enums), types, code].join('\n\n')}\n`;
};
