import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { rest } from 'tributary/backend';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { connectAll, requiredEndpoints } from '../../../src/app/upstream-registry.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { AccessEntry } from '../../../src/http/exchange/access-log.ts';
import { noTelemetry } from '../../../src/telemetry/telemetry.ts';
import { rawBackend } from '../../support/backends/raw-backend.ts';
import { entriesOf, sendBody } from '../../support/gateway/batch-gateway.ts';
import { servedGateway } from '../../support/gateway/served-gateway.ts';
import { define, typeDefs } from '../../support/modules/small-modules.ts';

const caller = define({
  name: 'shop',
  typeDefs: typeDefs('type Query { a: Int  b: Int  c: Int }'),
  upstreams: { shelf: rest() },
  resolvers: {
    Query: {
      a: (_root, _args, { clients }) => clients.shelf.get('/a', { response: z.int() }),
      c: (_root, _args, { clients }) => clients.shelf.get('/c', { response: z.int() }),
      b: (_root, _args, { clients }) => clients.shelf.get('/b', { response: z.int() }),
    },
  },
});

/** Connects to a backend that answers each request with 1. */
const connected = async () => {
  const backend = await rawBackend((_request, response) =>
    response.setHeader('content-type', 'application/json').end('1'),
  );
  const { required } = readConfig({ SHOP_SHELF_ENDPOINTS: backend.url }, requiredEndpoints([caller]));
  const upstreams = connectAll([caller], required, { clock: systemClock, connectTimeoutMs: 100_000 });
  onTestFinished(async () => {
    await upstreams.close();
    await backend[Symbol.asyncDispose]();
  });
  return upstreams.connect;
};

describe.each([[true], [false]])('direct edge: %s', (directEdge) => {
  test('calls count once in the metrics and the line of the request, and in the cost of their own operation', async () => {
    const routes: string[] = [];
    const access: AccessEntry[] = [];
    const metrics = {
      ...noTelemetry.metrics,
      callEnded: ({ route }: { readonly route: string }) => void routes.push(route),
    };
    const { origin } = await servedGateway({
      modules: [caller],
      connect: await connected(),
      usageWeights: { perCall: 10, perKib: 0 },
      listener: { maxBatchOperations: 5 },
      edge: { directEdge, telemetry: { ...noTelemetry, metrics }, access: (entry) => void access.push(entry) },
    });
    const { body } = await sendBody(origin, entriesOf('{ a }', '{ b c }', '{ __typename }'), {
      'tributary-cost': 'show',
    });
    const calls = body.map(
      ({ extensions }: { readonly extensions: { readonly cost: { readonly calls: number } } }) => extensions.cost.calls,
    );
    expect(calls).toEqual([1, 2, 0]);
    await expect.poll(() => access.length).toBe(1);
    expect(access[0]?.upstream?.calls).toBe(3);
    expect(routes.sort()).toEqual(['GET /a', 'GET /b', 'GET /c']);
  });

  test('a trace has one span of the request, and a span of each operation with its calls', async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    onTestFinished(() => provider.shutdown());
    const { origin } = await servedGateway({
      modules: [caller],
      connect: await connected(),
      listener: { maxBatchOperations: 5 },
      edge: { directEdge, telemetry: { ...noTelemetry, tracer: provider.getTracer('test') } },
    });
    await sendBody(origin, entriesOf('query A { a }', 'query B { b }', '{ unknown }'));
    await expect.poll(() => exporter.getFinishedSpans().some(({ name }) => name === 'POST /graphql')).toBe(true);
    const spans = exporter.getFinishedSpans();
    const parents = spans.map(({ name, attributes, parentSpanContext }) => {
      const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId);
      const named = (span: ReadableSpan) => span.attributes['graphql.operation.name'] ?? span.name;
      return `${attributes['graphql.operation.name'] ?? name} < ${parent === undefined ? '' : named(parent)}`;
    });
    expect(parents.filter((line) => !line.includes('attempt')).sort()).toEqual([
      'A < POST /graphql',
      'B < POST /graphql',
      'GET /a < A',
      'GET /b < B',
      'POST /graphql < ',
    ]);
  });
});
