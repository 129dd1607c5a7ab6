import { once } from 'node:events';
import { createServer } from 'node:http';
import { fail, grpc, rest } from 'tributary/backend';
import { reply, scripted, testBackend } from 'tributary/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startGateway } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';
import { portOf } from '../support/processes/ports.ts';

const Operation = z.object({ status: z.enum(['running', 'done']), url: z.string().optional() });
const SDL = 'type Query { version: Int } type Mutation { export(format: String!): String }';

/** Exports that begin with 202 and a Location. */
const restExports = define({
  name: 'exports',
  typeDefs: typeDefs(SDL),
  upstreams: { api: rest() },
  resolvers: {
    Query: { version: () => 1 },
    Mutation: {
      // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
      export: async (_root: any, { format }: any, { clients, poll }: any) => {
        const { location } = await clients.api.post.full('/exports', { body: { format }, response: z.undefined() });
        const id = location.split('/').at(-1);
        const { value } = await poll({
          read: () => clients.api.get.full('/operations/{id}', { path: { id }, response: Operation }),
          isDone: ({ value }: { value: z.infer<typeof Operation> }) => value.status === 'done',
          every: { startMs: 1 },
        });
        return value.url;
      },
    },
  },
});

test('a REST operation is read at its location until it is done', async () => {
  const lines: string[] = [];
  const server = createServer((request, response) => {
    lines.push(`${request.method} ${request.url}`);
    if (request.method === 'POST') response.writeHead(202, { location: '/operations/7', 'content-length': 0 }).end();
    else if (lines.length < 4) response.setHeader('retry-after', '0').end('{"status":"running"}');
    else response.end('{"status":"done","url":"/files/7"}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const env = { EXPORTS_API_ENDPOINTS: `http://127.0.0.1:${portOf(server)}` };
  await using gateway = await startGateway(env, [restExports]);
  expect((await gateway.query('mutation { export(format: "csv") }')).data).toEqual({ export: '/files/7' });
  const read = 'GET /operations/7';
  expect(lines).toEqual(['POST /exports', read, read, read]);
});

test('in testBackend a poll takes no time, and its request still ends with TIMEOUT', async () => {
  const api = scripted()
    .post('/exports', reply({ status: 202, headers: { location: '/operations/7' } }))
    .get('/operations/{id}', reply({ status: 200, headers: { 'retry-after': '2' }, body: { status: 'running' } }));
  const gateway = testBackend(restExports, { api });
  for (let request = 1; request <= 2; request += 1) {
    const { errors } = await gateway.query('mutation { export(format: "csv") }');
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['TIMEOUT']);
    // Reads at 0, 2 and 4 seconds of 5.
    expect(gateway.calls).toHaveLength(request * 4);
  }
});

const rpcExports = define({
  name: 'exports',
  typeDefs: typeDefs(SDL),
  errors: { EXPORT_FAILED: 'The export has failed.' },
  upstreams: { api: grpc({ proto: './exports.proto', service: 'exports.v1.Exports' }) },
  resolvers: {
    Query: { version: () => 1 },
    Mutation: {
      // biome-ignore lint/suspicious/noExplicitAny: a module without generated types
      export: async (_root: any, { format }: any, { clients, poll }: any) => {
        const first = await clients.api.startExport({ format });
        const { error, response } = await poll({
          first,
          read: () => clients.api.getOperation({ name: first.name }),
          isDone: ({ done }: { done: boolean }) => done,
        });
        return error ? fail('EXPORT_FAILED') : response.url;
      },
    },
  },
});

const FILE = { '@type': 'type.googleapis.com/exports.v1.ExportFile', url: '/files/7' };

test.each([
  ['that is done at once', { name: 'o', done: true, response: FILE }, 0, '/files/7'],
  ['that runs', { name: 'o', done: false }, 2, '/files/7'],
])('an operation of google.longrunning %s has its response', async (_which, started, reads, url) => {
  let read = 0;
  const api = scripted()
    .unary('StartExport', started)
    .unary('GetOperation', () => {
      read += 1;
      return read === 1 ? { name: 'o' } : { name: 'o', done: true, response: FILE };
    });
  const gateway = testBackend(rpcExports, { api });
  expect(await gateway.query('mutation { export(format: "csv") }')).toEqual({
    data: { export: url },
    errors: undefined,
  });
  expect(read).toBe(reads);
});

test('an operation of google.longrunning with an error is done', async () => {
  const api = scripted().unary('StartExport', { name: 'o', done: true, error: { code: 9, message: 'secret' } });
  const { errors } = await testBackend(rpcExports, { api }).query('mutation { export(format: "csv") }');
  expect(errors?.map(({ message, extensions }) => [message, extensions?.code])).toEqual([
    ['The export has failed.', 'EXPORT_FAILED'],
  ]);
});
