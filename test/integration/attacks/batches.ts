import { expect } from 'vitest';
import { batchGateway, codesOf, entriesOf } from '../../support/gateway/batch-gateway.ts';
import { bodiless, exchange, post } from '../../support/http/raw-http.ts';
import { type Attack, scenario } from './attack.ts';
import { HELLO, lengthOf, PREFLIGHTED } from './http.ts';

const ADD = '{"query":"mutation { add }"}';
const MAX = 10;

const array = (count: number, entry: string): string => `[${Array(count).fill(entry).join()}]`;

const posted = (body: string): string => post(body);

const typed = (type: string): string => post(`[${ADD}]`, { 'content-type': type });

/** Requests that are refused as a whole, with their status. Each contains a mutation that would have an effect. */
const refusals: readonly (readonly [title: string, bytes: string, status: number, message: RegExp])[] = [
  ['with one operation above the limit', posted(array(MAX + 1, ADD)), 400, /has 11 operations/],
  ['of 30,000 invalid entries, of which none is read', posted(array(30_000, '5')), 400, /has 30000 operations/],
  ['with an unreadable entry behind a mutation', posted(`[${ADD},{"query":5}]`), 400, /Operation 2/],
  ['in a batch', posted(`[[${ADD}]]`), 400, /Operation 1/],
  ['in batches 40,000 deep', posted(`${'['.repeat(40_000)}${ADD}${']'.repeat(40_000)}`), 400, /Operation 1/],
  ['with null', posted(`[${ADD},null]`), 400, /Operation 2/],
  ['with a text', posted(`["mutation { add }",${ADD}]`), 400, /Operation 1/],
  [
    'with variables 201 levels deep',
    posted(`[${ADD},{"query":"{ hello }","variables":{"a":${array(1, '['.repeat(200) + ']'.repeat(200))}}}]`),
    400,
    /Operation 2/,
  ],
  ['as an object with a length', posted(`{"length":1,"0":${ADD}}`), 400, /query/],
  ['as a query', posted(`{"query":[${ADD}]}`), 400, /query/],
  ['with a subscription', posted(`[${ADD},{"query":"subscription { a }"}]`), 400, /Operation 2/],
  ['by GET', bodiless('GET', `/graphql?query=${encodeURIComponent(`[${ADD}]`)}`, PREFLIGHTED), 400, /./],
  ['as text/plain', typed('text/plain'), 415, /./],
  ['as a form', typed('application/x-www-form-urlencoded'), 415, /./],
  ['as multipart', typed('multipart/form-data; boundary=x'), 415, /./],
  ['as JSON sequences', typed('application/json-seq'), 415, /./],
  ['as lines of JSON', posted(`${ADD}\n${ADD}`), 400, /./],
  [
    'without Content-Type',
    `POST /graphql HTTP/1.1\r\nhost: a\r\n${lengthOf(array(2, ADD))}\r\n\r\n${array(2, ADD)}`,
    415,
    /./,
  ],
];

const attempts = (count: number, fields: number) =>
  entriesOf(
    ...Array.from(
      { length: count },
      (_, n) =>
        `mutation { ${Array.from({ length: fields }, (_, m) => `a${m}: login(password: "${n}-${m}")`).join(' ')} }`,
    ),
  );

/** Attacks by many operations in one request. */
export const batches: readonly Attack[] = [
  ...refusals.map(([title, bytes, status, message]) =>
    scenario('next', `a batch ${title} is refused, and nothing of it is executed`, async ({ isDirect }) => {
      const { origin, send } = await batchGateway({ directEdge: isDirect, maxBatchOperations: MAX });
      const { answer } = await exchange(Number(new URL(origin).port), bytes);
      expect(answer?.status).toBe(status);
      const { errors, ...rest } = JSON.parse(answer?.body ?? '{}');
      expect([errors.length, rest]).toEqual([1, {}]);
      expect(errors[0].message).toMatch(message);
      expect((await send({ query: '{ count }' })).body).toEqual({ data: { count: 0 } });
    }),
  ),
  scenario(51, '50 password attempts in one batch execute 5 times, alone or with aliases', async ({ isDirect }) => {
    for (const [count, fields] of [
      [50, 1],
      [10, 5],
    ] as const) {
      const { send } = await batchGateway({ directEdge: isDirect, maxBatchOperations: 50 });
      const answer = await send(attempts(count, fields));
      expect(answer.status).toBe(200);
      expect(answer.text.match(/"wrong"/g)).toHaveLength(5);
      expect(codesOf(answer).flat()).toEqual(Array.from({ length: 45 }, () => 'RATE_LIMITED'));
      expect(codesOf(await send(attempts(1, 1)))).toEqual([['RATE_LIMITED']]);
    }
  }),
  scenario('next', 'the limits of a document hold for each document of a batch', async ({ isDirect }) => {
    const { send } = await batchGateway({ directEdge: isDirect, limits: { maxRootFields: 3 } });
    const four = '{ hello a: hello b: hello c: hello }';
    const answer = await send(entriesOf(four, '{ hello }', four));
    expect([answer.status, codesOf(answer)]).toEqual([200, [['ROOT_FIELD_LIMIT'], [], ['ROOT_FIELD_LIMIT']]]);
  }),
  scenario(
    'next',
    'a document of a batch does not reach the names and fragments of another one',
    async ({ isDirect }) => {
      const { send } = await batchGateway({ directEdge: isDirect });
      const answer = await send([
        { query: 'query A { hello } fragment F on Query { hello }' },
        { query: 'query B { ...F }' },
        { query: 'query B { hello }', operationName: 'A' },
      ]);
      expect(codesOf(answer)).toEqual([
        ['GRAPHQL_VALIDATION_FAILED'],
        ['GRAPHQL_VALIDATION_FAILED'],
        ['OPERATION_RESOLUTION_FAILURE'],
      ]);
    },
  ),
  scenario('next', 'a batch has one credential: entries cannot bring another one', async ({ isDirect }) => {
    const { send } = await batchGateway({ directEdge: isDirect });
    const entry = {
      query: '{ me }',
      headers: { authorization: 'Bearer admin' },
      extensions: { http: { headers: {} } },
    };
    expect((await send([entry, entry], { authorization: 'Bearer me' })).body).toEqual([
      { data: { me: 'me' } },
      { data: { me: 'me' } },
    ]);
  }),
  scenario('next', 'without the variable a batch is refused, whatever its length', async ({ isDirect }) => {
    const { origin } = await batchGateway({ directEdge: isDirect, maxBatchOperations: 0 });
    for (const body of [`[${HELLO}]`, '[]', array(30_000, '5')]) {
      const { answer } = await exchange(Number(new URL(origin).port), post(body));
      expect([answer?.status, JSON.parse(answer?.body ?? '{}').errors[0].message]).toEqual([
        400,
        expect.stringContaining('not supported'),
      ]);
    }
  }),
];
