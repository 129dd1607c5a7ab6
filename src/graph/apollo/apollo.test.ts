import { createHash } from 'node:crypto';
import { rest } from 'tributary/backend';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { anonymousRequest, paramsOf } from '../../../test/support/gateway/executed.ts';
import { define, typeDefs } from '../../../test/support/modules/small-modules.ts';
import { ClientGoneError, GatewayError } from '../../core/errors.ts';
import type { Send } from '../../upstream/call.ts';
import { buildGateway } from '../build-gateway.ts';
import type { GraphQLParams } from '../gateway-port.ts';
import type { GatewayPlugin } from './apollo.ts';

const stock = define({
  name: 'stock',
  typeDefs: typeDefs('type Query { level(of: Int): Int } type Mutation { reserve: Int }'),
  upstreams: { shelf: rest() },
  resolvers: {
    Query: { level: (_root, _args, { clients }) => clients.shelf.get('/level', { response: z.int() }) },
    Mutation: {
      reserve: (_root, _args, { clients }) => clients.shelf.post('/reservations', { body: {}, response: z.int() }),
    },
  },
});

/** Answers every call with 7. */
const answering: Send = async () => ({ status: 200, headers: {}, size: 1, value: 7 });

const started = async (send: Send = answering, plugins: readonly GatewayPlugin[] = []) => {
  const calls: string[] = [];
  const connect = (): Send => (call) => {
    calls.push(call.route);
    return send(call);
  };
  const gateway = buildGateway({ modules: [stock], connect, plugins });
  await gateway.start();
  return { ...gateway, calls };
};

const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update('{ level }').digest('hex') };

interface Outcome {
  readonly data?: unknown;
  readonly codes?: readonly string[];
  readonly status?: number;
  readonly calls?: readonly string[];
}

const ROWS: readonly (readonly [what: string, params: GraphQLParams, outcome: Outcome])[] = [
  ['a query', paramsOf('{ level }'), { data: { level: 7 }, calls: ['GET /level'] }],
  [
    'a query by its name, with variables',
    paramsOf('query A { level } query B($of: Int) { is: level(of: $of) }', {
      operationName: 'B',
      variables: { of: 1 },
      isReadOnly: true,
    }),
    { data: { is: 7 }, calls: ['GET /level'] },
  ],
  ['a mutation', paramsOf('mutation { reserve }'), { data: { reserve: 7 }, calls: ['POST /reservations'] }],
  [
    'a mutation of a read-only transport',
    paramsOf('mutation { reserve }', { isReadOnly: true }),
    { codes: ['METHOD_NOT_ALLOWED'], status: 405 },
  ],
  ['a document with a syntax error', paramsOf('{ level'), { codes: ['GRAPHQL_PARSE_FAILED'], status: 400 }],
  [
    'an invalid document',
    paramsOf('{ level price colour }'),
    { codes: ['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_VALIDATION_FAILED'], status: 400 },
  ],
  [
    'an unknown operation name',
    paramsOf('query A { level }', { operationName: 'B' }),
    { codes: ['OPERATION_RESOLUTION_FAILURE'], status: 400 },
  ],
  [
    'an empty operation name',
    paramsOf('{ level }', { operationName: '' }),
    { data: { level: 7 }, calls: ['GET /level'] },
  ],
  [
    'invalid variables',
    paramsOf('query ($of: Int) { level(of: $of) }', { variables: { of: 'x' } }),
    { codes: ['BAD_USER_INPUT'], status: 400 },
  ],
  [
    'an unknown persisted query',
    paramsOf(null, { extensions: { persistedQuery } }),
    { codes: ['PERSISTED_QUERY_NOT_FOUND'], status: 200 },
  ],
];

test.each(ROWS)(
  'the result of %s has its data or errors, the status and the request id',
  async (_what, params, row) => {
    const { execute, calls } = await started();
    const { data, errors, status } = await execute(params, anonymousRequest());
    expect({ data, status, calls, codes: errors?.map(({ extensions }) => extensions?.code) }).toEqual({
      calls: [],
      ...row,
    });
    for (const { extensions } of errors ?? []) expect(extensions?.requestId).toBe('r');
  },
);

test.each([
  ['the deadline', new GatewayError('TIMEOUT', 'The request took longer than 1 ms.'), ['TIMEOUT']],
  ['a disconnect of the client', new ClientGoneError('The client closed its connection.'), ['INTERNAL_SERVER_ERROR']],
])('%s aborts the calls in flight, and yields a result', async (_what, reason, codes) => {
  const controller = new AbortController();
  const hanging: Send = (call) =>
    new Promise((_resolve, reject) => {
      call.signal.addEventListener('abort', () => reject(call.signal.reason));
      controller.abort(reason);
    });
  const { execute, calls } = await started(hanging);
  const { data, errors } = await execute(paramsOf('{ level }'), { ...anonymousRequest(), signal: controller.signal });
  expect({ data, calls }).toEqual({ data: { level: null }, calls: ['GET /level'] });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(codes);
});

test('headers that plugins set are part of the result', async () => {
  const plugin: GatewayPlugin = {
    requestDidStart: async ({ request: { http } }) => ({
      willSendResponse: async ({ response }) =>
        void response.http.headers.set('X-Seen', `${http?.method} ${http?.headers.get('X-Tenant')}`),
    }),
  };
  const { execute } = await started(answering, [plugin]);
  const context = { ...anonymousRequest(), headers: { 'x-tenant': 'a' } };
  for (const isReadOnly of [true, false]) {
    const { headers } = await execute(paramsOf('{ level }', { isReadOnly }), context);
    expect(headers.get('x-seen')).toBe(isReadOnly ? 'GET a' : 'POST a');
  }
});

test('a failing plugin and a stopped gateway yield INTERNAL_SERVER_ERROR, and no rejection', async () => {
  // Apollo Server logs both to the console.
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const failing: GatewayPlugin = { requestDidStart: () => Promise.reject(new Error('secret')) };
  const failed = await started(answering, [failing]);
  const stopped = await started();
  await stopped.stop();
  for (const { execute, calls } of [failed, stopped]) {
    expect(await execute(paramsOf('{ level }'), anonymousRequest())).toEqual({
      errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r' } }],
      status: 500,
      headers: new Map(),
    });
    expect(calls).toEqual([]);
  }
});
