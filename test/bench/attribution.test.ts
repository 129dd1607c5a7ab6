import { expect, test } from 'vitest';
import { type CpuProfile, type Part, partOf, shares } from '../../bench/profile/attribution.ts';

const at = (url: string, functionName = 'f') => ({ functionName, url });

test.each([
  ['file:///x/src/http/graphql/json-body.ts', 'edge'],
  ['file:///x/node_modules/fastify/lib/reply.js', 'edge'],
  ['node:_http_server', 'edge'],
  ['file:///x/node_modules/@apollo/server/dist/esm/requestPipeline.js', 'Apollo'],
  ['file:///x/node_modules/graphql/language/parser.js', 'Apollo'],
  ['file:///x/node_modules/graphql/execution/execute.js', 'plan'],
  ['file:///x/src/execution/run/plan-execution.ts', 'plan'],
  ['file:///x/src/graph/apollo/operation-cache.ts', 'Apollo'],
  ['file:///x/src/graph/apollo/observe-operations.ts', 'telemetry and limits'],
  ['file:///x/src/protobuf/codec/decode.ts', 'upstream calls'],
  ['file:///x/schema/orders/index.ts', 'plan'],
  ['file:///x/src/upstream/balance/layer.ts', 'upstream calls'],
  ['file:///x/node_modules/undici/lib/dispatcher/client-h1.js', 'upstream calls'],
  ['node:internal/http2/core', 'upstream calls'],
  ['file:///x/node_modules/zod/v4/core/schemas.js', 'validation of answers'],
  ['file:///x/node_modules/pino/lib/proto.js', 'telemetry and limits'],
  ['node:internal/process/task_queues', null],
  ['', null],
])('%s belongs to %s', (url, part) => {
  expect(partOf(at(url))).toBe(part);
});

test('time of unattributed functions counts for their caller, and idle time and time outside the measurement for none', () => {
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: at('', '(root)'), children: [2, 4, 5] },
      { id: 2, callFrame: at('file:///x/src/upstream/transport.ts'), children: [3] },
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
  expect(found.get('upstream calls')).toBeCloseTo(0.75);
  expect(found.get('garbage collection')).toBeCloseTo(0.25);
  expect(found.size).toBe(2);
});
