import { reply, type Scripted, scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import library from '../../test/support/modules/library/index.ts';
import { stockWatch } from '../../test/support/modules/stock-watch.ts';

const LOW = '{ lowStock(below: 5) { productId available } }';
const levels = [
  { productId: 'p1', available: 1 },
  { productId: 'p2', available: 2 },
];

const asked = async (stock: Scripted, document = LOW) => {
  const gateway = testBackend(stockWatch(), { stock });
  const { data, errors = [] } = await gateway.query(document);
  return { data, codes: errors.map(({ extensions }) => extensions?.code), calls: gateway.calls };
};

const CALL = 'watch.stock watch.v1.Stock/WatchStock';

test('a stream is scripted as a list of messages and counted as one call', async () => {
  expect(await asked(scripted().stream('WatchStock', levels))).toEqual({
    data: { lowStock: levels },
    codes: [],
    calls: [CALL],
  });
});

test('messages have the defaults of the .proto for missing fields', async () => {
  const { data } = await asked(scripted().stream('WatchStock', [{ productId: 'p1' }]));
  expect(data).toEqual({ lowStock: [{ productId: 'p1', available: 0 }] });
});

test('messages may be computed from the request', async () => {
  const bodies: unknown[] = [];
  const stock = scripted().stream('WatchStock', async ({ body }) => {
    bodies.push(body);
    return levels;
  });
  expect((await asked(stock)).data).toEqual({ lowStock: levels });
  expect(bodies).toEqual([{ below: 5 }]);
});

test.each([
  ['a status after messages', [...levels, reply({ status: 14 })], 'SERVICE_UNAVAILABLE'],
  ['a status in place of messages', [reply({ status: 5 }), ...levels], null],
  ['a lost connection after messages', [...levels, new Error('reset')], 'UPSTREAM_ERROR'],
  ['a lost connection in place of messages', [new Error('reset')], 'UPSTREAM_ERROR'],
])('a stream may fail with %s', async (_how, messages, code) => {
  const { data, codes, calls } = await asked(scripted().stream('WatchStock', messages));
  // NOT_FOUND becomes null in a nullable field.
  expect({ data, codes }).toEqual({ data: { lowStock: null }, codes: code === null ? [] : [code] });
  expect(calls).toEqual([CALL]);
});

test('messages before a failure are yielded, also to a reader that leaves before it', async () => {
  const stock = scripted().stream('WatchStock', [...levels, reply({ status: 14 })]);
  const { data, codes } = await asked(stock, '{ someLow(below: 5, first: 2) { productId available } }');
  expect({ data, codes }).toEqual({ data: { someLow: levels }, codes: [] });
});

test('a reply with status 0 ends a stream', async () => {
  const stock = scripted().stream('WatchStock', [levels[0], reply({ status: 0 }), levels[1]]);
  expect((await asked(stock)).data).toEqual({ lowStock: [levels[0]] });
});

test('a script for a unary method does not answer a server-streaming one', async () => {
  await expect(asked(scripted().unary('WatchStock', levels[0]))).rejects.toThrow(
    'watch.stock: no scripted response for stream watch.v1.Stock/WatchStock: add it to the script, which has WatchStock.',
  );
});

const upload = 'mutation { returnBooks(names: ["a", "b"]) }';

test('the messages of a client-streaming call are read by its script', async () => {
  const books = scripted().unary('ReturnBooks', async ({ messages, body }) => {
    const names: unknown[] = [];
    for await (const message of messages) names.push(message);
    expect({ names, body }).toEqual({
      names: [
        { name: 'a', readMask: null },
        { name: 'b', readMask: null },
      ],
      body: undefined,
    });
    return { count: names.length };
  });
  expect(await testBackend(library, { books }).query(upload)).toMatchObject({ data: { returnBooks: 2 } });
});

test('a client-streaming call may be answered with a message or a status', async () => {
  const answered = testBackend(library, { books: scripted().unary('ReturnBooks', { count: 5 }) });
  expect((await answered.query(upload)).data).toEqual({ returnBooks: 5 });
  const failed = testBackend(library, { books: scripted().unary('ReturnBooks', reply({ status: 14 })) });
  expect((await failed.query(upload)).errors?.map(({ extensions }) => extensions?.code)).toEqual([
    'SERVICE_UNAVAILABLE',
  ]);
});

test('a bidirectional call is scripted with a generator', async () => {
  const books = scripted().stream('Chat', async function* ({ messages }) {
    for await (const message of messages) yield message;
    yield { text: 'end' };
  });
  const { data } = await testBackend(library, { books }).query('mutation { ask(questions: ["a", "b"]) }');
  expect(data).toEqual({ ask: ['a', 'b', 'end'] });
});
