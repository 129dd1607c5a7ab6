import { expect, test } from 'vitest';
import { z } from 'zod';
import { UpstreamError } from '../../core/errors.ts';
import { untraced } from '../../telemetry/open-trace.ts';
import type { Call } from '../../upstream/call.ts';
import { graphql } from '../define/upstream-options.ts';
import { BoundGraphqlClient } from './graphql-client.ts';

const Data = z.object({ review: z.object({ id: z.string() }).nullable() });

const clientFor = (value: unknown, options: Partial<Parameters<typeof graphql>[0]> = {}) => {
  const calls: Call[] = [];
  const request = {
    upstream: 'shop.reviews',
    principalKey: 'anonymous',
    caller: 'anonymous',
    isIdentified: false,
    deadline: 5_000,
    signal: new AbortController().signal,
    headers: { 'x-request-id': 'r-1' },
    trace: untraced(),
    affinity: null,
    keyScope: (place: string, key: string) => `${key} of ${place}`,
  };
  const client = new BoundGraphqlClient(graphql({ schema: './reviews.graphql', ...options }), request, async (call) => {
    calls.push(call);
    return { status: 200, headers: {}, size: 0, value };
  });
  return { client, calls };
};

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

const QUERY = 'query Review($id: ID!) { review(id: $id) { id } }';

test('a query is a POST with document, name and variables, and its data is validated', async () => {
  const { client, calls } = clientFor({ data: { review: { id: 'c1', more: 1 } } }, { path: '/api/graph' });
  const data = await client.query({ document: QUERY, variables: { id: 'c1' }, response: Data });
  expect(data).toEqual({ review: { id: 'c1' } });
  expect(calls.map(({ route, message }) => ({ route, message }))).toEqual([
    {
      route: 'query Review',
      message: {
        protocol: 'rest',
        method: 'POST',
        target: '/api/graph',
        body: JSON.stringify({ query: QUERY, operationName: 'Review', variables: { id: 'c1' } }),
        safe: true,
      },
    },
  ]);
});

test('data that the validator rejects is UPSTREAM_BAD_RESPONSE', async () => {
  const { client } = clientFor({ data: { review: 5 } });
  expect(await failureOf(client.query({ document: QUERY, response: Data }))).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
  });
});

test('an error of the response rejects the query with the code of the service, next to data too', async () => {
  const errors = [{ message: 'no such item\n', extensions: { code: 'BAD_USER_INPUT' } }];
  const { client } = clientFor({ data: { review: null }, errors });
  const error = await failureOf(client.query({ document: QUERY, response: Data }));
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: 'BAD_USER_INPUT', reason: 'no such item', route: 'query Review' });
});

test.each([
  [undefined, 'UPSTREAM_ERROR'],
  [{ identity: 'token' } as const, 'FORBIDDEN'],
  [{ headers: ['cookie'] }, 'FORBIDDEN'],
  [{ headers: ['x-tenant'] }, 'UPSTREAM_ERROR'],
])('FORBIDDEN of a service that receives %j of the client is %s', async (forward, code) => {
  const errors = [{ message: '', extensions: { code: 'FORBIDDEN' } }];
  const { client } = clientFor({ data: null, errors }, forward === undefined ? {} : { forward });
  expect(await failureOf(client.query({ document: QUERY, response: Data }))).toMatchObject({ code });
});

test('a mutation is not repeatable without an idempotency key', async () => {
  const { client, calls } = clientFor({ data: { add: 1 } });
  const document = 'mutation Add { add }';
  const response = z.object({ add: z.int() });
  await client.mutate({ document, response });
  await client.mutate({ document, response, idempotencyKey: 'k' });
  expect(calls.map(({ idempotent, headers }) => [idempotent, headers['idempotency-key']])).toEqual([
    [false, undefined],
    [true, 'k of mutation Add'],
  ]);
});

test.each([
  ['{ review }', 'the document must have exactly one operation, with a name'],
  ['query A { a } query B { b }', 'the document must have exactly one operation, with a name'],
  ['query A {', 'the document is invalid: Syntax Error'],
  ['mutation A { a }', 'A is a mutation: use mutate(…)'],
  ['subscription A { a }', 'subscriptions are not supported'],
])('the document %j is rejected before it is sent', async (document, message) => {
  const { client, calls } = clientFor({ data: {} });
  const error = await failureOf(client.query({ document, response: Data }));
  expect(String(error)).toContain(`shop.reviews: ${message}`);
  expect(calls).toEqual([]);
});
