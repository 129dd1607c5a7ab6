import { rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { rawServer } from '../support/backends/hostile-http.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { define, typeDefs } from '../support/modules/small-modules.ts';

const things = define({
  name: 'things',
  typeDefs: typeDefs('type Query { read: Int } type Mutation { write: Int }'),
  upstreams: { api: rest() },
  resolvers: {
    Query: { read: (_root: unknown, _args: unknown, { clients }) => clients.api.get('/things', { response: z.int() }) },
    Mutation: {
      write: (_root: unknown, _args: unknown, { clients }) =>
        clients.api.post('/things', { body: {}, response: z.int() }),
    },
  },
});

test.each([
  ['100', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['103', 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'],
])('a read and a write with an interim %s return the final response, with one call each', async (_status, interim) => {
  const api = await rawServer((socket) => socket.write(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7`));
  await using gateway = await startGateway({ THINGS_API_ENDPOINTS: api.endpoint.url.origin }, [things]);
  expect(await gateway.query('{ read }')).toMatchObject({ data: { read: 7 }, errors: [] });
  expect(await gateway.query('mutation { write }')).toMatchObject({ data: { write: 7 }, errors: [] });
  expect(api.asked()).toBe(2);
});
