import { once } from 'node:events';
import { defineBackend, file, rest } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/core/clock.ts';
import type { RequestMemory } from '../../src/request/request-context.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { gatewayOver } from '../support/gateway/entities.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const SIZE = 1_000_000;
const CONTENT = new Uint8Array(SIZE);

const chunks = async function* () {
  for (let sent = 0; sent < SIZE; sent += 10_000) yield new Uint8Array(10_000);
};

const files = defineBackend()({
  name: 'files',
  typeDefs: typeDefs(`
    type Query { bytes: Int json: Int streamed: Int }
    type Mutation { bytes: Boolean multipart: Boolean streamed: Boolean streamedFile: Boolean }
  `),
  upstreams: { api: rest() },
  resolvers: {
    Query: {
      bytes: async (_root, _args, { clients }) => (await clients.api.get('/file', { as: 'bytes' })).length,
      json: async (_root, _args, { clients }) => (await clients.api.get('/json', { response: z.string() })).length,
      streamed: async (_root, _args, { clients }) => {
        let size = 0;
        for await (const chunk of await clients.api.get('/file', { as: 'stream' })) size += chunk.length;
        return size;
      },
    },
    Mutation: {
      bytes: (_root, _args, { clients }) => clients.api.put('/file', { bytes: CONTENT, response: z.boolean() }),
      multipart: (_root, _args, { clients }) =>
        clients.api.post('/file', { multipart: { f: file({ content: CONTENT, name: 'f' }) }, response: z.boolean() }),
      streamed: (_root, _args, { clients }) => clients.api.put('/file', { bytes: chunks(), response: z.boolean() }),
      streamedFile: (_root, _args, { clients }) =>
        clients.api.post('/file', { multipart: { f: file({ content: chunks(), name: 'f' }) }, response: z.boolean() }),
    },
  },
});

/** The gateway over a real server, with an account that ends its request above a limit. */
const counting = async (limit = Number.POSITIVE_INFINITY) => {
  const server = await rawBackend(async (request, response) => {
    request.resume();
    await once(request, 'end');
    response.writeHead(200, {
      'content-type': request.url === '/json' ? 'application/json' : 'application/octet-stream',
    });
    if (request.method !== 'GET') response.end('true');
    else response.end(request.url === '/json' ? JSON.stringify('x'.repeat(SIZE)) : CONTENT);
  });
  const upstream = connectUpstream(
    {
      name: 'files.api',
      protocol: 'rest',
      sources: [{ by: 'address', endpoint: endpointAt(server.url) }],
      check: { by: 'connecting' },
      traffic: { timeoutMs: 100_000 },
    },
    { clock: systemClock },
  );
  onTestFinished(async () => {
    await upstream.close();
    await server[Symbol.asyncDispose]();
  });
  let bytes = 0;
  const memory: RequestMemory = {
    grow: (by) => {
      bytes += by;
      return bytes <= limit;
    },
    mayEnd: () => {},
  };
  const runQuery = gatewayOver([files], null, upstream.send);
  return async (document: string) => {
    const { data, errors } = await runQuery(document, { memory });
    return { value: Object.values(Object(data))[0], errors, bytes };
  };
};

test.each<[string, number, number]>([
  ['{ bytes }', SIZE, 1.1 * SIZE],
  ['{ json }', 8 * SIZE, 8.1 * SIZE],
  ['mutation { bytes }', SIZE, 1.1 * SIZE],
  ['mutation { multipart }', SIZE, 1.1 * SIZE],
  ['{ streamed }', 0, 0.1 * SIZE],
  ['mutation { streamed }', 0, 0.1 * SIZE],
  ['mutation { streamedFile }', 0, 0.1 * SIZE],
])('%s counts what it holds: from %d to %d bytes', async (document, least, most) => {
  const { bytes, value, errors } = await (await counting())(document);
  expect(errors).toBeUndefined();
  expect(value).toBeTruthy();
  expect(bytes).toBeGreaterThanOrEqual(least);
  expect(bytes).toBeLessThan(most);
});

test.each(['{ bytes }', 'mutation { multipart }'])('%s above the limit is OVERLOADED', async (document) => {
  const { errors } = await (await counting(SIZE / 2))(document);
  expect(errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);
});
