import type { handleUnaryCall } from '@grpc/grpc-js';
import { defineBackend, type GrpcTransform, grpc, type RestTransform, rest } from 'tributary/backend';
import { scripted, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { startGateway } from '../support/gateway/gateway.ts';
import { LIBRARY, LIBRARY_PROTO, libraryServer } from '../support/modules/library.ts';
import { typeDefs } from '../support/modules/small-modules.ts';

const Customer = z.object({ id: z.string(), name: z.string() });

/** A backend with one address for all calls, which answers in lines of text. */
const LINES: RestTransform = {
  request: ({ target, headers }) => ({
    method: 'POST',
    target: '/gateway',
    headers: { 'content-type': 'text/plain', accept: 'text/plain', 'x-tenant': headers['x-tenant'] ?? 'none' },
    value: `GET ${target}`,
    as: 'text',
  }),
  response: ({ value }) => {
    const lines = String(value)
      .trim()
      .split('\n')
      .map((line) => line.split('='));
    return Object.fromEntries(lines);
  },
};

const customers = (transform: RestTransform) =>
  defineBackend()({
    name: 'crm',
    typeDefs: typeDefs('type Query { name: String same: String }'),
    upstreams: { customers: rest({ transform, retry: false, forward: { headers: ['x-tenant'] } }) },
    resolvers: {
      Query: {
        name: async (_root, _args, { clients }) =>
          (await clients.customers.get('/customers/{id}', { path: { id: 'c1' }, response: Customer })).name,
        same: async (_root, _args, { clients }) =>
          (await clients.customers.get('/customers/{id}', { path: { id: 'c1' }, response: Customer })).name,
      },
    },
  });

const linesBackend = async (text: string) => {
  const requests: string[] = [];
  const backend = await rawBackend(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    requests.push([method, url, headers['content-type'], headers['x-tenant'], body].join(' '));
    response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
  });
  return { requests, url: backend.url, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() };
};

test('a legacy format is sent and read by hooks, and a read by POST is still shared', async () => {
  await using backend = await linesBackend('id=c1\nname=Ann\n');
  await using gateway = await startGateway({ CRM_CUSTOMERS_ENDPOINTS: backend.url }, [customers(LINES)]);
  expect((await gateway.query('{ name same }')).data).toEqual({ name: 'Ann', same: 'Ann' });
  expect(backend.requests).toEqual(['POST /gateway text/plain none GET /customers/c1']);
});

test('the value of a hook is validated like an answer', async () => {
  await using backend = await linesBackend('id=c1\n');
  await using gateway = await startGateway({ CRM_CUSTOMERS_ENDPOINTS: backend.url }, [customers(LINES)]);
  const { errors } = await gateway.query('{ name }');
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_BAD_RESPONSE']);
});

test('clients receive the code of a failed hook, and nothing of its exception', async () => {
  await using backend = await linesBackend('id=c1\nname=Ann\n');
  const response = () => {
    throw new Error('secret');
  };
  await using gateway = await startGateway({ CRM_CUSTOMERS_ENDPOINTS: backend.url }, [customers({ response })]);
  const { errors, text } = await gateway.query('{ name }');
  expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_BAD_RESPONSE']);
  expect(text).not.toMatch(/secret|crm|transform/);
});

test('a script of testBackend has the answers of the backend, and hooks apply to them', async () => {
  await using gateway = testBackend(customers(LINES), {
    customers: scripted().get('/customers/{id}', 'id=c1\nname=Ann'),
  });
  expect((await gateway.query('{ name }')).data).toEqual({ name: 'Ann' });
});

test('a gRPC hook changes metadata and the message of a call, and the message of its answer', async () => {
  const received: unknown[] = [];
  const GetBook: handleUnaryCall<unknown, unknown> = (call, reply) => {
    received.push(call.request, call.metadata.get('x-catalog'));
    reply(null, { name: 'books/1', display_title: 'SOLARIS' });
  };
  const named = z.looseObject({ name: z.string() });
  const titled = z.looseObject({ displayTitle: z.string() });
  const transform: GrpcTransform = {
    request: ({ value }) => ({
      headers: { 'x-catalog': 'old' },
      value: { ...named.parse(value), name: named.parse(value).name.replace('books/', 'volumes/') },
    }),
    response: ({ value, status }) => {
      const book = titled.parse(value);
      return { ...book, displayTitle: `${book.displayTitle.toLowerCase()} ${status}` };
    },
  };
  const library = defineBackend()({
    name: 'library',
    typeDefs: { text: 'type Query { title: String }', file: import.meta.filename },
    upstreams: { books: grpc({ proto: LIBRARY_PROTO, service: LIBRARY, transform }) },
    resolvers: {
      Query: {
        // biome-ignore-start lint/suspicious/noExplicitAny: a module this small needs no generated types
        title: async (_root: any, _args: any, { clients }: any) =>
          (await clients.books.getBook({ name: 'books/1' })).displayTitle,
        // biome-ignore-end lint/suspicious/noExplicitAny: see above
      },
    },
  });
  await using server = await libraryServer({ GetBook });
  await using gateway = await startGateway({ LIBRARY_BOOKS_ENDPOINTS: `grpc://127.0.0.1:${server.port}` }, [library]);
  expect((await gateway.query('{ title }')).data).toEqual({ title: 'solaris 0' });
  expect(received).toEqual([{ name: 'volumes/1' }, ['old']]);
});
