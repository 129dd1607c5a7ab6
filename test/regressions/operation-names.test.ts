import { expect, test } from 'vitest';
import { servedGateway } from '../support/gateway/served-gateway.ts';
import { plain } from '../support/modules/small-modules.ts';

const written: string[] = [];
const module = plain('a', 'type Query { a: Int, b: Int }  type Mutation { write: Int }', {
  resolvers: {
    Query: { a: () => 1, b: () => 2 },
    Mutation: { write: () => written.push('x') },
  },
});

test('an empty operationName is ignored if the document has one operation', async () => {
  const { runQuery } = await servedGateway({ modules: [module] });
  for (const document of ['{ a }', 'query Q { a }'])
    for (const get of [false, true])
      expect((await runQuery(document, { operationName: '', get })).body).toEqual({ data: { a: 1 } });
});

test('the message for an unknown operation has its name as it was sent', async () => {
  const { runQuery } = await servedGateway({ modules: [module] });
  const both = 'query A { a }  query B { b }';
  const messageOf = async (operationName?: string) => {
    const { status, body } = await runQuery(both, operationName === undefined ? {} : { operationName });
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'OPERATION_RESOLUTION_FAILURE']);
    return body.errors[0].message;
  };
  expect(await messageOf('')).toBe('The document has no operation named "".');
  expect(await messageOf('C"\n')).toBe('The document has no operation named "C\\"\\n".');
  expect(await messageOf()).toBe('The document has several operations: set operationName to the name of one of them.');
  expect((await runQuery(both, { operationName: 'B' })).body).toEqual({ data: { b: 2 } });
});

test('an empty operationName does not permit a mutation by GET', async () => {
  const { runQuery } = await servedGateway({ modules: [module] });
  const { status } = await runQuery('mutation { write }', { operationName: '', get: true });
  expect(status).toBe(405);
  expect(written).toEqual([]);
});
