import fc from 'fast-check';

/** A body for POST /graphql, and what it is made of. */
export interface FuzzedBody {
  readonly kind: 'bytes' | 'broken JSON' | 'JSON' | 'words' | 'mutated document' | 'variables' | 'batch of operations';
  readonly body: string | Uint8Array;
}

const DOCUMENTS = [
  '{ hello }',
  'query Q($id: ID!) { item(id: $id) { id name size tags parent { id } } }',
  'query ($f: Filter, $n: Int = 4) { items(first: $n, filter: $f) { id ...i } } fragment i on Item { name items(first: 1) { id } }',
  '{ things { __typename ... on Item { id } ... on Box { weight } } node(id: 3) { id } }',
  'query ($v: Any, $yes: Boolean!) { any(value: $v) @include(if: $yes) a: hello @skip(if: $yes) limited own }',
  'mutation ($f: Filter!) { change(filter: $f, at: 1e3) { id } }',
  '{ __schema { types { name } } __type(name: "Item") { fields { name } } }',
  'subscription { hello }',
];

const WORDS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '!',
  '=',
  '|',
  '&',
  '@',
  '$',
  '...',
  '"',
  '"""',
  '#',
  '\n',
  ' ',
  ',',
  'on',
]
  .concat([
    'query',
    'mutation',
    'subscription',
    'fragment',
    'null',
    'true',
    'type',
    'extend',
    'schema',
    'input',
    'repeatable',
  ])
  .concat([
    'hello',
    'item',
    'items',
    'things',
    'node',
    'any',
    'id',
    'name',
    'parent',
    'first',
    'filter',
    'Filter',
    'Item',
    'Box',
  ])
  .concat([
    '__typename',
    '__schema',
    '__proto__',
    'constructor',
    'toString',
    '$v',
    'include(if: $v)',
    'skip(if: true)',
    'cost',
  ])
  .concat(['0', '-1', '1e999', '9007199254740993', '0x1F', '1.', '\\u0000', '\\uD800', '\u2028', '\ufeff', '💥', 'é']);

const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('__proto__', 'constructor', 'SMALL', '3', 1e308, -0, 2 ** 53, null, true, [], {}, [[[[]]]], ''),
);

/** Some changes of a text: parts left out, repeated, replaced by words, or moved. */
const mutated = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      texts,
      fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...WORDS), fc.nat(3)), { minLength: 1, maxLength: 6 }),
    )
    .map(([text, changes]) =>
      changes.reduce((current, [place, length, word, how]) => {
        const at = current.length === 0 ? 0 : place % current.length;
        const [before, cut, after] = [current.slice(0, at), current.slice(at, at + length), current.slice(at + length)];
        if (how === 0) return before + after;
        if (how === 1) return before + cut.repeat(3) + after;
        return how === 2 ? before + word + cut + after : after + cut + before;
      }, text),
    );

const documents = fc.constantFrom(...DOCUMENTS);
const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(' '));

/** Values of the type of a variable, for the most part. */
const mostly = <Value>(usual: fc.Arbitrary<Value>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: junk, weight: 1 });

const filter = fc.record(
  {
    size: mostly(fc.constantFrom('SMALL', 'LARGE')),
    ids: mostly(fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 })),
    text: mostly(fc.string({ maxLength: 25 })),
    any: junk,
  },
  { requiredKeys: [] },
);

const variables = fc.record(
  { id: mostly(fc.nat()), f: mostly(filter), n: mostly(fc.nat(6)), v: junk, yes: mostly(fc.boolean()) },
  { requiredKeys: ['id', 'f', 'yes'] },
);

const bodyOf = (query: unknown, given: unknown, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ query, variables: given, ...more });

const entries = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(documents, variables).map(([query, given]) => bodyOf(query, given)) },
  { weight: 2, arbitrary: fc.tuple(mutated(documents), variables).map(([query, given]) => bodyOf(query, given)) },
  { weight: 1, arbitrary: fc.json({ maxDepth: 3 }) },
);

/** Random bodies, from random bytes to valid operations with random variables. */
export const randomBodies: fc.Arbitrary<FuzzedBody> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((body): FuzzedBody => ({ kind: 'bytes', body })),
  mutated(fc.tuple(documents, variables).map(([query, given]) => bodyOf(query, given))).map(
    (body): FuzzedBody => ({ kind: 'broken JSON', body }),
  ),
  fc.json({ maxDepth: 6 }).map((body): FuzzedBody => ({ kind: 'JSON', body })),
  fc
    .record(
      { query: fc.oneof(junk, documents), variables: junk, operationName: junk, extensions: junk, id: junk },
      { requiredKeys: [] },
    )
    .map((body): FuzzedBody => ({ kind: 'JSON', body: JSON.stringify(body) })),
  fc
    .array(entries, { maxLength: 7 })
    .map((batch): FuzzedBody => ({ kind: 'batch of operations', body: `[${batch.join()}]` })),
  soup.map((query): FuzzedBody => ({ kind: 'words', body: bodyOf(query, {}) })),
  fc
    .tuple(mutated(documents), variables)
    .map(([query, given]): FuzzedBody => ({ kind: 'mutated document', body: bodyOf(query, given) })),
  fc
    .tuple(documents, variables)
    .map(([query, given]): FuzzedBody => ({ kind: 'variables', body: bodyOf(query, given) })),
);
