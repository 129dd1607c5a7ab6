import { scalar } from 'tributary/backend';
import { expect, test } from 'vitest';
import { EXECUTIONS } from '../support/gateway/executed.ts';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { plain } from '../support/modules/small-modules.ts';

/** A module that returns its arguments as text. */
const echo = () =>
  plain(
    'echo',
    `type Query { echo(in: In, id: ID, float: Float, big: BigInt, json: JSON, loose: Loose, floats: [Float]): String }
     input In { num: Float, id: ID, deep: In }
     scalar Loose`,
    {
      resolvers: {
        Loose: scalar<unknown>({ parse: (value) => value, serialize: (value) => value }),
        Query: {
          echo: (_parent, args) =>
            JSON.stringify(args, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value)),
        },
      },
    },
  );

const REFUSED = [
  '{ echo(in: { num: 1e400 }) }',
  '{ echo(in: { deep: { num: -1e400 } }) }',
  '{ echo(in: { num: 1e-400 }) }',
  `{ echo(float: ${'9'.repeat(400)}) }`,
  '{ echo(float: 9007199254740993) }',
  '{ echo(floats: [1, 1e400]) }',
  '{ echo(json: 9007199254740993) }',
  '{ echo(json: { a: [1e400] }) }',
  '{ echo(loose: 9007199254740993) }',
  'query($n: Float = 1e400) { echo(float: $n) }',
  'query($n: JSON = { a: 9007199254740993 }) { echo(json: $n) }',
  '{ __typename @include(if: true) echo(float: 1e400) @skip(if: true) }',
];

const KEPT: readonly (readonly [document: string, args: object])[] = [
  ['{ echo(id: 9007199254740993) }', { id: '9007199254740993' }],
  ['{ echo(in: { id: 9007199254740993 }) }', { in: { id: '9007199254740993' } }],
  ['{ echo(big: 9007199254740993) }', { big: '9007199254740993n' }],
  ['query($n: BigInt = 9007199254740993) { echo(big: $n) }', { big: '9007199254740993n' }],
  ['{ echo(float: 1e308) }', { float: 1e308 }],
  ['{ echo(float: 0.1) }', { float: 0.1 }],
  ['{ echo(float: 5e-324) }', { float: 5e-324 }],
  ['{ echo(float: 0e999) }', { float: 0 }],
  ['{ echo(json: [9007199254740991, -0.5]) }', { json: [9007199254740991, -0.5] }],
];

for (const execution of EXECUTIONS) {
  test(`a number literal that would lose precision is 400 (${execution})`, async () => {
    const { runQuery } = await servedGateway({ modules: [echo()], execution });
    for (const document of REFUSED) {
      const { status, body } = await runQuery(document);
      expect([document, status, body.errors[0].extensions.code]).toEqual([document, 400, 'GRAPHQL_VALIDATION_FAILED']);
      expect(body.errors[0].message).toMatch(/^The number .{1,41} cannot be kept exactly\.$/);
    }
  });

  test(`a number literal reaches a resolver with its exact value (${execution})`, async () => {
    const { runQuery } = await servedGateway({ modules: [echo()], execution });
    for (const [document, args] of KEPT) {
      const { body } = await runQuery(document);
      expect([document, body.errors, JSON.parse(body.data?.echo)]).toEqual([document, undefined, args]);
    }
  });
}
