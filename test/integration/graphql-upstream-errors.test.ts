import { expect, test } from 'vitest';
import { untraced } from '../../src/telemetry/open-trace.ts';
import { reply, scripted } from '../../src/testing/scripted.ts';
import { EXECUTIONS } from '../support/gateway/executed.ts';
import { serviceGateway } from '../support/gateway/service-gateway.ts';

const failing = (body: unknown) => serviceGateway({ script: scripted().graphql(() => body) });

test.each(EXECUTIONS)('%s: an error stands at its place in the data, the rest is kept', async (execution) => {
  const script = scripted().graphql(() => ({
    data: {
      best: [
        { id: 'c1', author: null },
        { id: 'c2', author: { name: 'B' } },
      ],
    },
    errors: [{ message: 'secret', path: ['best', 0, 'author', 'name'], extensions: { code: 'WHATEVER' } }],
  }));
  const { runQuery } = serviceGateway({ execution, script });
  expect(await runQuery('{ topReviews { id author { name } } }')).toEqual({
    data: {
      topReviews: [
        { id: 'c1', author: null },
        { id: 'c2', author: { name: 'B' } },
      ],
    },
    errors: [['topReviews.0.author', 'UPSTREAM_ERROR']],
  });
});

test.each([
  ['BAD_USER_INPUT', 'BAD_USER_INPUT'],
  // The module declares this one.
  ['ITEM_LOCKED', 'CONFLICT'],
  ['INTERNAL_SERVER_ERROR', 'UPSTREAM_ERROR'],
  ['RATE_LIMITED', 'UPSTREAM_ERROR'],
  // The service does not receive the client's credentials: it rejects those of the gateway.
  ['UNAUTHENTICATED', 'UPSTREAM_ERROR'],
  ['FORBIDDEN', 'UPSTREAM_ERROR'],
])('the code %s of a service is %s', async (code, shown) => {
  const { runQuery } = failing({
    data: { review: null },
    errors: [{ message: 'x', path: ['review'], extensions: { code } }],
  });
  expect(await runQuery('{ review(id: "1") { id } }')).toEqual({ data: { review: null }, errors: [['review', shown]] });
});

test('NOT_FOUND of a service is null if the field may be null', async () => {
  const errors = [{ message: 'x', path: ['review'], extensions: { code: 'NOT_FOUND' } }];
  expect(await failing({ data: null, errors }).runQuery('{ review(id: "1") { id } }')).toEqual({
    data: { review: null },
    errors: [],
  });
});

test.each([
  ['no object', []],
  ['neither data nor errors', {}],
  ['errors that are no list', { data: null, errors: 'none' }],
  ['data without the requested field', { data: {} }],
  ['a list instead of an object', { data: { review: [] } }],
  ['text instead of an object', { data: { review: 'c1' } }],
])('an answer with %s is UPSTREAM_BAD_RESPONSE', async (_title, body) => {
  expect(await failing(body).runQuery('{ review(id: "1") { id } }')).toEqual({
    data: { review: null },
    errors: [['review', 'UPSTREAM_BAD_RESPONSE']],
  });
});

test('a value of another shape is an error of its place', async () => {
  const rows = [
    { id: 'c1', author: 'A', text: {} },
    { id: 'c2', author: { name: 'B' } },
  ];
  const { runQuery } = failing({ data: { best: rows } });
  expect(await runQuery('{ topReviews { id text author { name } } }')).toEqual({
    data: {
      topReviews: [
        { id: 'c1', text: null, author: null },
        { id: 'c2', text: null, author: { name: 'B' } },
      ],
    },
    errors: [
      ['topReviews.0.text', 'UPSTREAM_BAD_RESPONSE'],
      ['topReviews.0.author', 'UPSTREAM_BAD_RESPONSE'],
      ['topReviews.1.text', 'UPSTREAM_BAD_RESPONSE'],
    ],
  });
});

test('a row of a type that the module does not have is UPSTREAM_BAD_RESPONSE', async () => {
  const { runQuery } = failing({ data: { search: [{ __typename: 'Item' }] } });
  expect((await runQuery('{ search { __typename } }')).errors).toEqual([['search.0', 'UPSTREAM_BAD_RESPONSE']]);
});

test.each([
  [400, 'UPSTREAM_ERROR'],
  [401, 'UPSTREAM_ERROR'],
  [404, 'UPSTREAM_ERROR'],
  [503, 'SERVICE_UNAVAILABLE'],
])('status %i of a service is %s', async (status, code) => {
  const { runQuery } = serviceGateway({ script: scripted().graphql(reply({ status })) });
  expect((await runQuery('{ review(id: "1") { id } }')).errors).toEqual([['review', code]]);
});

test('a failed key of aliases fails alone', async () => {
  const script = scripted().graphql(() => ({
    data: { k0: null, k1: { average: 1 }, k2: null },
    errors: [{ message: 'x', path: ['k0', 'average'] }],
  }));
  const { runQuery } = serviceGateway({ by: 'one', script });
  expect(await runQuery('{ products { average } }')).toEqual({
    data: { products: [{ average: null }, { average: 1 }, { average: null }] },
    errors: [['products.0.average', 'UPSTREAM_ERROR']],
  });
});

test('an item of a list that failed is the error of every key without a row', async () => {
  const script = scripted().graphql(() => ({
    data: { itemsByIds: [{ key__0: 'p1', average: 1 }, null] },
    errors: [{ message: 'x', path: ['itemsByIds', 1] }],
  }));
  expect(await serviceGateway({ script }).runQuery('{ products { average } }')).toEqual({
    data: { products: [{ average: 1 }, { average: null }, { average: null }] },
    errors: [
      ['products.1.average', 'UPSTREAM_ERROR'],
      ['products.2.average', 'UPSTREAM_ERROR'],
    ],
  });
});

test.each(EXECUTIONS)('%s: an error without a place leaves the value, and is on record', async (execution) => {
  const error = (path?: readonly unknown[]) => ({ message: 'secret', ...(path && { path }) });
  const script = scripted().graphql(() => ({
    data: { review: { id: 'c1' } },
    errors: [error(), error(['review', 'id']), error(['other']), { ...error(), extensions: { code: 'ITEM_LOCKED' } }],
  }));
  const { runQuery } = serviceGateway({ execution, script });
  const trace = untraced();
  expect(await runQuery('{ review(id: "1") { id } }', {}, { trace })).toEqual({
    data: { review: { id: 'c1' } },
    errors: [],
  });
  expect(trace.record.unplacedErrors).toEqual([
    'reviews.reviews query review: UPSTREAM_ERROR',
    'reviews.reviews query review: CONFLICT',
  ]);
});

test('an error without a place next to the rows of keys is on record', async () => {
  const script = scripted().graphql(() => ({
    data: { itemsByIds: ['p1', 'p2', 'p3'].map((id) => ({ key__0: id, average: 1 })) },
    errors: [{ message: 'secret' }],
  }));
  const { runQuery } = serviceGateway({ script });
  const trace = untraced();
  expect((await runQuery('{ products { average } }', {}, { trace })).errors).toEqual([]);
  expect(trace.record.unplacedErrors).toEqual(['reviews.reviews query itemsByIds: UPSTREAM_ERROR']);
});
