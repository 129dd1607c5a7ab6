import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { MOCK_NAMES, type RunningMock, startMock } from '../../services-mock/start.ts';
import { setFaults } from '../../services-mock/test-clients.ts';
import { endpointsVariable } from '../../src/backend/define/endpoints-variable.ts';
import { attributeOf, type Collector, type ReceivedSpan, startCollector } from '../support/backends/collector.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

const UPSTREAMS: Readonly<Record<string, string>> = {
  accounts: 'customers',
  catalog: 'products',
  orders: 'orders',
  inventory: 'stock',
};

const Line = z.looseObject({
  level: z.string(),
  time: z.iso.datetime(),
  msg: z.string(),
  requestId: z.string().optional(),
  traceId: z.string().nullable().optional(),
});
type Line = z.infer<typeof Line>;

const SERVER = 2;
const CLIENT = 3;

const MARKER = 'marker-4711-do-not-tell';
const ORDER = `query ReadOrder($id: ID!, $note: ID!) {
  order(id: $id) { status customer { name } items { product { name stock { available } } } }
  missing: order(id: $note) { id }
}`;

let mocks: readonly RunningMock[] = [];
let collector: Collector;
let gateway: RunningProcess;
let graphql = '';
let admin = '';

beforeAll(async () => {
  mocks = await Promise.all(MOCK_NAMES.filter((name) => name in UPSTREAMS).map((name) => startMock(name)));
  collector = await startCollector();
  gateway = startNode('src/main.ts', [], {
    env: {
      PORT: '0',
      ADMIN_PORT: '0',
      HOST: '127.0.0.1',
      CLIENT_RATE_LIMIT: 'off',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: 'shop-gateway',
      // The default, set explicitly because the test depends on it.
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      ...Object.fromEntries(mocks.map(({ name, url }) => [endpointsVariable(name, UPSTREAMS[name] ?? ''), url])),
    },
  });
  const { groups } = await gateway.waitFor(/ready: (?<graphql>\S+) \(admin (?<admin>[^)]+)\)/);
  graphql = groups?.graphql ?? '';
  admin = groups?.admin ?? '';
});

afterAll(async () => {
  await gateway?.stop('SIGKILL');
  await collector?.[Symbol.asyncDispose]();
  await Promise.all(mocks.map((mock) => mock.close()));
});

interface Question {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const runQuery = (question: Question) =>
  fetch(graphql, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...question.headers },
    body: JSON.stringify({ query: question.query, variables: question.variables }),
  });

/** A client's trace with the flag "not sampled", which the gateway must ignore. */
const newTrace = () => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-00` } };
};

const lines = (): readonly Line[] =>
  gateway
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => Line.parse(JSON.parse(line)));

const lineOf = async (requestId: string, msg = 'request'): Promise<Line> => {
  const found = () => lines().find((line) => line.requestId === requestId && line.msg === msg);
  await expect.poll(found).toBeDefined();
  return found() ?? Line.parse({});
};

const spansOf = async (traceId: string, count: number): Promise<readonly ReceivedSpan[]> => {
  const found = () => collector.spans.filter((span) => span.traceId === traceId);
  await expect.poll(() => found().length).toBeGreaterThanOrEqual(count);
  return found();
};

test('request, operation and every upstream call are spans of the client’s trace, and the log line has its ids', async () => {
  const { traceId, spanId, headers } = newTrace();
  const answer = await runQuery({ query: ORDER, variables: { id: 'o5000', note: 'nothing' }, headers });
  expect(answer.headers.get('x-trace-id')).toBe(traceId);
  expect(await answer.json()).toMatchObject({ data: { order: { status: 'PENDING' }, missing: null } });

  const line = await lineOf(answer.headers.get('x-request-id') ?? '');
  const calls = z.object({ upstream: z.object({ calls: z.int() }) }).parse(line).upstream.calls;
  expect(calls).toBeGreaterThanOrEqual(4);
  const spans = await spansOf(traceId, calls + 2);
  const request = spans.find(({ kind }) => kind === SERVER);
  const operation = spans.find(({ name }) => name === 'query');
  const upstream = spans.filter(({ kind }) => kind === CLIENT);
  expect(request).toMatchObject({ name: 'POST /graphql', parentSpanId: spanId });
  expect(operation?.parentSpanId).toBe(request?.spanId);
  expect(upstream.map(({ parentSpanId }) => parentSpanId)).toEqual(upstream.map(() => operation?.spanId));
  expect(upstream).toHaveLength(calls);
  expect(spans).toHaveLength(calls + 2);
  expect(new Set(upstream.map((span) => attributeOf(span, 'tributary.upstream')))).toEqual(
    new Set(['accounts.customers', 'catalog.products', 'orders.orders', 'inventory.stock']),
  );
  expect(line).toMatchObject({
    level: 'info',
    traceId,
    client: { address: '127.0.0.1' },
    method: 'POST',
    path: '/graphql',
    status: 200,
    operation: { type: 'query', name: 'ReadOrder', hash: attributeOf(operation, 'tributary.operation.hash') },
  });
});

test('traces and logs hold no variable, token, URL query or backend message', async () => {
  const { traceId, headers } = newTrace();
  const inventory = mocks.find(({ name }) => name === 'inventory');
  const orders = mocks.find(({ name }) => name === 'orders');
  if (inventory === undefined || orders === undefined) throw new Error('A mock is missing.');
  await setFaults(inventory, { route: '*', kind: 'status', status: 'UNAVAILABLE', body: MARKER });
  const answer = await runQuery({
    query: ORDER,
    variables: { id: 'o4999', note: MARKER },
    headers: { ...headers, 'x-secret': MARKER, cookie: MARKER },
  });
  await setFaults(inventory);
  const requestId = answer.headers.get('x-request-id') ?? '';
  expect(await lineOf(requestId)).toMatchObject({ errors: ['SERVICE_UNAVAILABLE'] });
  expect(await lineOf(requestId, 'An upstream failed.')).toMatchObject({
    level: 'warn',
    traceId,
    upstream: 'inventory.stock',
    route: 'inventory.v1.Inventory/BatchGetStock',
    operation: 'ReadOrder',
    code: 'SERVICE_UNAVAILABLE',
    reason: 'UNAVAILABLE',
  });

  await setFaults(orders, { route: '*', kind: 'status', status: 500, body: { detail: MARKER } });
  const failed = await runQuery({ query: '{ order(id: "o1") { id } }' });
  await setFaults(orders);
  expect(await lineOf(failed.headers.get('x-request-id') ?? '', 'An upstream failed.')).toMatchObject({
    route: 'GET /orders/{id}',
    reason: 'answered 500',
  });

  const refused = await runQuery({ query: '{ __typename }', headers: { authorization: `Bearer ${MARKER}` } });
  expect(refused.status).toBe(401);
  const byGet = await fetch(`${graphql}?query={__typename}&variables={"a":"${MARKER}"}`, {
    headers: { 'apollo-require-preflight': 'yes' },
  });
  expect(await lineOf(refused.headers.get('x-request-id') ?? '')).toMatchObject({ errors: ['UNAUTHENTICATED'] });
  expect(await lineOf(byGet.headers.get('x-request-id') ?? '')).toMatchObject({ method: 'GET', path: '/graphql' });

  const upstream = (await spansOf(traceId, 3)).filter(({ kind }) => kind === CLIENT);
  expect(upstream.length).toBeGreaterThan(0);
  await spansOf(byGet.headers.get('x-trace-id') ?? '', 1);
  expect(collector.bodies.join()).not.toContain(MARKER);
  expect(gateway.output()).not.toContain(MARKER);
});

test('a log line identifies the client, and an invalid traceparent starts a new trace', async () => {
  const answer = await runQuery({
    query: '{ products { id } }',
    headers: {
      'apollographql-client-name': 'ios',
      'apollographql-client-version': '7.1',
      'user-agent': `agent ${'x'.repeat(1_000)}`,
      traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
      'x-correlation-id': 'mine-1',
    },
  });
  expect(answer.headers.get('x-request-id')).toBe('mine-1');
  const bytes = Number(answer.headers.get('content-length'));
  const line = await lineOf('mine-1');
  expect(line).toMatchObject({
    client: { name: 'ios', version: '7.1' },
    traceId: expect.stringMatching(/^(?!0{32})[0-9a-f]{32}$/),
    status: 400,
    bytes,
    errors: ['GRAPHQL_VALIDATION_FAILED'],
  });
  expect(String(line.userAgent)).toHaveLength(256);
  expect(answer.headers.get('x-trace-id')).toBe(line.traceId);
});

const SAMPLE = /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\+Inf|NaN|-?[\d.e+-]+)$/;

test('invented operation names have a bounded number of series, and every line of a scrape parses', async () => {
  const chunk = (from: number) =>
    Promise.all(
      Array.from({ length: 100 }, async (_, n) => {
        const answer = await runQuery({
          query: `query Random${from + n}_${randomBytes(4).toString('hex')} { __typename }`,
        });
        await answer.arrayBuffer();
        return answer.status;
      }),
    );
  const statuses = new Set<number>();
  for (let from = 0; from < 300; from += 100) for (const status of await chunk(from)) statuses.add(status);
  expect([...statuses]).toEqual([200]);

  const scrape = await fetch(`${admin}/metrics`);
  expect(scrape.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const samples = (await scrape.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(samples.filter((line) => !SAMPLE.test(line))).toEqual([]);
  const named = samples.filter((line) => line.includes('graphql_operation_name='));
  // OpenTelemetry counts one attribute set: all buckets of a histogram together.
  const series = new Set(
    named.map((line) =>
      line
        .replace(/_(bucket|sum|count)\{/, '{')
        .replace(/,?le="[^"]*"/, '')
        .replace(/ \S+$/, ''),
    ),
  );
  expect(series.size).toBeGreaterThan(50);
  expect(series.size).toBeLessThanOrEqual(200);
  expect(named.some((line) => /operation_duration_count\{.*graphql_operation_name="other"/.test(line))).toBe(true);
});

test('metrics are labelled with upstream names, never with addresses or client-made paths', async () => {
  await (await fetch(new URL('/secret-path-4711', graphql))).arrayBuffer();
  const text = await (await fetch(`${admin}/metrics`)).text();
  expect(text).toMatch(
    /tributary_upstream_call_duration_count\{.*tributary_upstream="orders.orders".*tributary_route="GET \/orders\/\{id\}".*tributary_outcome="ok".*tributary_status_class="2xx".*\} \d/,
  );
  expect(text).toMatch(/tributary_upstream_received_total\{.*tributary_upstream="catalog.products"/);
  expect(text).toMatch(/http_server_active_requests\{?.*\}? 0$/m);
  expect(text).toMatch(/http_server_request_duration_count\{.*http_response_status_code="404".*\} \d/);
  expect(text).toMatch(/tributary_store_up\{?.*\}? 1$/m);
  expect(text).not.toContain('secret-path-4711');
  expect(text).not.toContain(MARKER);
});

test('a request rejected before its operation is known has its code in the log', async () => {
  for (const [id, path, status, code] of [
    ['csrf-1', '/graphql?query={__typename}', 400, 'BAD_REQUEST'],
    ['path-1', '/nothing', 404, 'NOT_FOUND'],
  ] as const) {
    const answer = await fetch(new URL(path, graphql), { headers: { 'x-request-id': id } });
    expect(answer.status).toBe(status);
    expect(await lineOf(id)).toMatchObject({ status, errors: [code] });
  }
});

test('the public listener has no /metrics', async () => {
  expect((await fetch(new URL('/metrics', graphql))).status).toBe(404);
});
