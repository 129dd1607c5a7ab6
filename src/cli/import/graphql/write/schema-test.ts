import { type GraphQLInputType, getNullableType, isListType, isRequiredArgument, isScalarType } from 'graphql';
import { quoted } from '../../../codegen/layout.ts';
import { fieldName } from '../../names/names.ts';
import { literal } from '../../write/literal.ts';
import { propertyName } from '../../write/property-name.ts';
import { testFile } from '../../write/test-file.ts';
import type { ImportedSchema, SchemaRootField } from '../imported-schema.ts';
import { mappedScalar } from '../service-scalars.ts';
import { SchemaSamples } from './schema-samples.ts';

const MAX_QUERIES = 12;

/** A type of an argument, under the module's names. */
const typeText = (type: GraphQLInputType, names: ImportedSchema['names']): string => {
  const text = String(type);
  const [, name = ''] = /(\w+)/.exec(text) ?? [];
  const of = namedInput(type);
  return text.replace(name, isScalarType(of) ? mappedScalar(of).name : (names.get(name) ?? name));
};

const namedInput = (type: GraphQLInputType): GraphQLInputType => {
  const of = getNullableType(type);
  return isListType(of) ? namedInput(of.ofType) : of;
};

const caseText = (
  { root, name, field }: SchemaRootField,
  imported: ImportedSchema,
  make: SchemaSamples,
  hasQuery: boolean,
): string | null => {
  const sample = make.output(field.type, field.name);
  if (sample === null) return null;
  const { schema, names, name: module } = imported;
  const args = field.args.filter(isRequiredArgument);
  const values = Object.fromEntries(args.map((one) => [one.name, make.input(one.type, one.name)]));
  const declared = args.map((one) => `$${one.name}: ${typeText(one.type, names)}`).join(', ');
  const passed = args.map((one) => `${one.name}: $${one.name}`).join(', ');
  const kind = root.toLowerCase();
  const document = `${kind}${declared === '' ? '' : ` (${declared})`} { ${name}${passed === '' ? '' : `(${passed})`}${sample.selection} }`;
  const type = (root === 'Query' ? schema.getQueryType() : schema.getMutationType())?.name ?? root;
  return [
    `test('${name} is one operation of the service', async () => {`,
    `  const api = scripted().graphql({`,
    `    ${propertyName(type)}: {`,
    `      ${field.name}: () => (${literal(sample.value, '      ', 30)}),`,
    '    },',
    '  });',
    `  const gateway = testBackend(${fieldName(module)}, { api }${hasQuery ? '' : ', { beside: [other] }'});`,
    '  const { data, errors } = await gateway.query(',
    `    ${quoted(document)},`,
    ...(args.length === 0 ? [] : [`    ${literal(values, '    ')},`]),
    '  );',
    '  expect(errors).toBeUndefined();',
    `  expect(data).toEqual(${literal({ [name]: sample.expected }, '  ', 30)});`,
    `  expect(gateway.calls).toEqual([${quoted(`${module}.api ${kind} ${field.name}`)}]);`,
    '});',
  ].join('\n');
};

/** The text of index.test.ts: a test for fields of Query, and one for a mutation. */
export const schemaTest = (imported: ImportedSchema): string => {
  const make = new SchemaSamples(imported);
  const hasQuery = imported.fields.some(({ root }) => root === 'Query');
  const textsOf = (root: SchemaRootField['root'], most: number): string[] =>
    imported.fields
      .filter((field) => field.root === root)
      .flatMap((field) => caseText(field, imported, make, hasQuery) ?? [])
      .slice(0, most);
  return testFile(fieldName(imported.name), [...textsOf('Query', MAX_QUERIES), ...textsOf('Mutation', 1)], hasQuery);
};
