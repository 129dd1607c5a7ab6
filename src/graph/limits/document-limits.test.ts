import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { expect, test } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { DEFAULT_DOCUMENT_LIMITS, documentLimits } from './document-limits.ts';

const schema = buildSchema('type Query { a: Query b: Int }');

const errorsOf = (text: string, limits = {}) =>
  validate(schema, parse(text), [...specifiedRules, documentLimits({ ...DEFAULT_DOCUMENT_LIMITS, ...limits })]);

test('a document over a limit has one error, of that limit, even if it is invalid otherwise', () => {
  const errors = errorsOf(`{ nope ${'@unknown '.repeat(60)} nowhere(x: $y) { ...Missing } }`);
  expect(errors.map(({ originalError }) => originalError)).toEqual([
    new GatewayError('DIRECTIVE_LIMIT', 'The document has more than 50 directives.'),
  ]);
});

test('a document within all limits is validated as usual', () => {
  expect(errorsOf('{ a { b } }')).toEqual([]);
  expect(errorsOf('{ a { nope } }').map(({ message }) => message)).toEqual([
    'Cannot query field "nope" on type "Query".',
  ]);
});

test.each([
  ['maxDepth', '{ a { b } }', 'DEPTH_LIMIT'],
  ['maxAliases', '{ x: b y: b }', 'ALIAS_LIMIT'],
  ['maxRootFields', '{ a { b } b }', 'ROOT_FIELD_LIMIT'],
  ['maxDirectives', '{ b @skip(if: false) @include(if: true) }', 'DIRECTIVE_LIMIT'],
  ['maxSelections', '{ a { b } }', 'COST_LIMIT'],
])('%s is enforced', (name, text, code) => {
  expect(errorsOf(text)).toEqual([]);
  expect(errorsOf(text, { [name]: 1 }).map(({ originalError }) => originalError)).toMatchObject([{ code }]);
});
