import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CpuProfile, type Part, partOf, shares } from '../../bench/profile/attribution.ts';

const at = (url: string, functionName = 'f') => ({ functionName, url });

test.each([
  ['file:///x/src/http/graphql/json-body.ts', 'edge: headers, body, answer'],
  ['file:///x/node_modules/fastify/lib/reply.js', 'HTTP server of Node and Fastify'],
  ['node:_http_server', 'HTTP server of Node and Fastify'],
  ['file:///x/node_modules/@apollo/server/dist/esm/requestPipeline.js', 'Apollo Server, documents'],
  ['file:///x/node_modules/graphql/language/parser.js', 'Apollo Server, documents'],
  ['file:///x/node_modules/graphql/execution/execute.js', 'plan: fields, results'],
  ['file:///x/src/execution/run/plan-execution.ts', 'plan: fields, results'],
  ['file:///x/src/execution/run/entity-join.ts', 'joins and loaders'],
  ['file:///x/src/backend/bind/key-loader.ts', 'joins and loaders'],
  ['file:///x/schema/orders/index.ts', 'joins and loaders'],
  ['file:///x/src/graph/apollo/operation-cache.ts', 'Apollo Server, documents'],
  ['file:///x/src/graph/apollo/observe-operations.ts', 'telemetry and log'],
  ['file:///x/node_modules/pino/lib/proto.js', 'telemetry and log'],
  ['file:///x/src/auth/jwt/claims.ts', 'tokens and limits'],
  ['file:///x/src/upstream/balance/layer.ts', 'layers of the stack'],
  ['file:///x/src/upstream/rest/transport.ts', 'REST: paths, headers, bodies'],
  ['file:///x/src/upstream/grpc/transport.ts', 'gRPC client'],
  ['file:///x/node_modules/@grpc/grpc-js/build/src/client.js', 'gRPC client'],
  ['file:///x/src/protobuf/codec/decode.ts', 'protobuf codec'],
  ['file:///x/node_modules/undici/lib/dispatcher/client-h1.js', 'undici'],
  ['node:internal/http2/core', 'node:http2'],
  ['file:///x/node_modules/zod/v4/core/schemas.js', 'validation by zod'],
  ['node:internal/process/task_queues', null],
  ['', null],
])('%s belongs to %s', (url, part) => {
  expect(partOf(at(url))).toBe(part);
});

test.each([
  ['file:///x/src/core/exact-json.ts', 'parseKeepingDigits', 'JSON.parse'],
  ['file:///x/bench/node_modules/undici/lib/api/readable.js', 'consumeEnd', 'JSON.parse'],
  ['file:///x/src/http/graphql/response-text.ts', 'responseText', 'JSON text of the answer'],
  ['file:///x/node_modules/fastify/lib/reply.js', 'serialize', 'JSON text of the answer'],
])('%s %s belongs to %s', (url, functionName, part) => {
  expect(partOf(at(url, functionName))).toBe(part);
});

test.each([
  ['src/core/exact-json.ts', 'parseKeepingDigits', 'JSON.parse'],
  ['src/http/graphql/response-text.ts', 'responseText', 'JSON text of the answer'],
])('in %s, the time of %s is booked under %s', (file, name, part) => {
  expect(readFileSync(file, 'utf8')).toContain(`const ${name} = (`);
  expect(partOf(at(`file:///x/${file}`, name))).toBe(part);
});

test('time of unattributed functions counts for their caller, and idle time and time outside the measurement for none', () => {
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: at('', '(root)'), children: [2, 4, 5] },
      { id: 2, callFrame: at('file:///x/src/upstream/observe.ts'), children: [3] },
      { id: 3, callFrame: at('', 'parse') },
      { id: 4, callFrame: at('', '(idle)') },
      { id: 5, callFrame: at('', '(garbage collector)') },
    ],
    startTime: 0,
    endTime: 1_000,
    samples: [5, 2, 3, 4, 5],
    timeDeltas: [100, 200, 100, 400, 100],
  };
  const found = shares<Part>(profile, { from: 850, to: 0 }, partOf, 'Node and system');
  expect(found.get('layers of the stack')).toBeCloseTo(0.75);
  expect(found.get('garbage collection')).toBeCloseTo(0.25);
  expect(found.size).toBe(2);
});
