import { createTraceState, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { extractTrace, isTrusted, traceHeaders, traceIdOf } from './trace-context.ts';

const ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test.each([
  ['of version 00', `00-${ID}-${SPAN}-01`],
  ['that is not sampled', `00-${ID}-${SPAN}-00`],
  ['of a later version', `cc-${ID}-${SPAN}-01`],
  ['of a later version, with more', `cc-${ID}-${SPAN}-01-what-the-future-brings`],
])('a traceparent %s names a trace', (_, traceparent) => {
  expect(traceIdOf(extractTrace({ traceparent }, false))).toBe(ID);
});

test.each([
  ['no header', undefined],
  ['an empty header', ''],
  ['several headers', [`00-${ID}-${SPAN}-01`]],
  ['the forbidden version', `ff-${ID}-${SPAN}-01`],
  ['zeros for the trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['zeros for the span', `00-${ID}-${'0'.repeat(16)}-01`],
  ['capitals', `00-${ID.toUpperCase()}-${SPAN}-01`],
  ['an id too short', `00-${ID.slice(1)}-${SPAN}-01`],
  ['version 00 with more', `00-${ID}-${SPAN}-01-more`],
  ['a version with more, not separated', `cc-${ID}-${SPAN}-01.more`],
  ['a line end', `00-${ID}-${SPAN}-01\n`],
  ['no flags', `00-${ID}-${SPAN}`],
])('%s: the traceparent is ignored and a new trace begins', (_, traceparent) => {
  expect(extractTrace({ traceparent }, true)).toBe(ROOT_CONTEXT);
});

test('an untrusted peer determines only the ids, a trusted one also the flag and tracestate', () => {
  const headers = { traceparent: `00-${ID}-${SPAN}-01`, tracestate: 'vendor=1', baggage: 'user=1' };
  expect(traceHeaders(extractTrace(headers, false))).toEqual({ traceparent: `00-${ID}-${SPAN}-00` });
  expect(traceHeaders(extractTrace(headers, true))).toEqual({
    traceparent: `00-${ID}-${SPAN}-01`,
    tracestate: 'vendor=1',
  });
  expect([isTrusted(extractTrace(headers, false)), isTrusted(extractTrace(headers, true))]).toEqual([false, true]);
});

test('a tracestate that is too long is dropped, its trace is not', () => {
  const long = { traceparent: `00-${ID}-${SPAN}-01`, tracestate: `vendor=${'x'.repeat(600)}` };
  expect(traceHeaders(extractTrace(long, true))).toEqual({ traceparent: `00-${ID}-${SPAN}-01` });
});

test('no headers are sent without a trace', () => {
  expect(traceHeaders(ROOT_CONTEXT)).toEqual({});
  const invalid = {
    traceId: '0'.repeat(32),
    spanId: '0'.repeat(16),
    traceFlags: 1,
    traceState: createTraceState('a=1'),
  };
  expect(traceHeaders(trace.setSpanContext(ROOT_CONTEXT, invalid))).toEqual({});
});
