import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { systemClock } from '../core/clock.ts';
import { requestTrace, untraced } from './open-trace.ts';
import { noTelemetry } from './telemetry.ts';
import { extractTrace } from './trace-context.ts';

const ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SENT = { traceparent: `00-${ID}-${SPAN}-01`, tracestate: 'vendor=1' };

test('without a collector, a client’s trace is forwarded unchanged from every span', () => {
  const request = requestTrace(noTelemetry, systemClock, extractTrace(SENT, true)).start('request', SpanKind.SERVER);
  const call = request.start('call', SpanKind.CLIENT);
  expect([request.traceId, call.traceId]).toEqual([ID, ID]);
  expect([request.headers, call.headers]).toEqual([SENT, SENT]);
  call.end('TIMEOUT');
  expect(request.headers).toEqual(SENT);
  const strange = requestTrace(noTelemetry, systemClock, extractTrace(SENT, false));
  expect(strange.start('request', SpanKind.SERVER).headers).toEqual({ traceparent: `00-${ID}-${SPAN}-00` });
});

test('without a collector, a request without a trace has none', () => {
  const request = requestTrace(noTelemetry, systemClock, ROOT_CONTEXT).start('request', SpanKind.SERVER);
  expect([request.traceId, request.headers, request.isRecording]).toEqual([null, {}, false]);
});

test('all spans of a request share its record, and requests have separate records', () => {
  const [one, other] = [untraced(), untraced()];
  expect(one.start('a', SpanKind.SERVER).start('b', SpanKind.CLIENT).record).toBe(one.record);
  expect(other.record).not.toBe(one.record);
});
