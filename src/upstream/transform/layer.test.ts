import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Call, isRead, type RestMessage } from '../call.ts';
import { transform } from './layer.ts';
import type { Transform } from './transform.ts';

const hooked = (hooks: Transform | null) => {
  const script = scriptedSend();
  return { ...script, send: transform(hooks)(script.send) };
};
const restIn = ({ message }: Call): RestMessage => {
  if (message.protocol !== 'rest') throw new Error('not a REST call');
  return message;
};
/** The message of a call as it is sent. */
const sentBy = async (request: Transform['request'], call: Call): Promise<Call> => {
  const { send, at } = hooked({ request });
  void send(call);
  await settled();
  return at(0).call;
};
const posted = (body: RestMessage['body'], headers = {}) =>
  restCall({ headers, idempotent: false }, { method: 'POST', body });

test('without hooks the layer is not part of the stack', () => {
  const { send } = scriptedSend();
  expect(transform(null)(send)).toBe(send);
});

test('a hook changes method, target, headers, body and form of a call', async () => {
  const call = restCall({ headers: { 'x-tenant': 'a' } });
  const sent = await sentBy(
    () => ({
      method: 'POST',
      target: '/soap',
      headers: { accept: 'text/xml', 'content-type': 'text/xml' },
      value: '<get/>',
      as: 'text',
    }),
    call,
  );
  expect(sent.headers).toEqual({ 'x-tenant': 'a', accept: 'text/xml', 'content-type': 'text/xml' });
  expect(sent.message).toMatchObject({ method: 'POST', target: '/soap', body: '<get/>', as: 'text' });
});

test('properties that a hook does not return are unchanged', async () => {
  const sent = await sentBy(() => ({}), posted('{"a":1}'));
  expect(sent.message).toMatchObject({ method: 'POST', target: '/things/1', body: '{"a":1}' });
});

test('a hook that changes the given value in place changes the call', async () => {
  const inPlace: Transform['request'] = ({ value }) => {
    if (typeof value === 'object' && value !== null) Reflect.set(value, 'b', 2);
    return { value };
  };
  expect(restIn(await sentBy(inPlace, posted('{"a":1}'))).body).toBe('{"a":1,"b":2}');
});

test('an id beyond 2^53 keeps its digits through a hook', async () => {
  const body = '{"id":12345678901234567890,"price":0.1}';
  expect(restIn(await sentBy(({ value }) => ({ value }), posted(body))).body).toBe(body);
});

test.each([
  ['text', 'a,b', { 'content-type': 'text/csv' }],
  ['bytes', new Uint8Array([1, 2]), { 'content-type': 'application/octet-stream' }],
])('a body of %s is passed to a hook as it is', async (_what, body, headers) => {
  const seen: unknown[] = [];
  const request: Transform['request'] = ({ value }) => {
    seen.push(value);
    return { value };
  };
  expect(restIn(await sentBy(request, posted(body, headers))).body).toEqual(body);
  expect(seen).toEqual([body]);
});

test('a read stays a read as a POST, and a write stays a write as a GET', async () => {
  expect(isRead(await sentBy(() => ({ method: 'POST', value: {} }), restCall()))).toBe(true);
  expect(isRead(await sentBy(() => ({ method: 'GET', value: undefined }), posted('{}')))).toBe(false);
});

test('reads whose hooks send different bytes share no flight', async () => {
  const { sent, send } = scriptedSend();
  const names = ['a', 'b'];
  const request: Transform['request'] = () => ({ method: 'POST', value: new TextEncoder().encode(names.shift()) });
  const upstream = stacked(send, { clock: manualClock(), transform: { request } });
  for (const _ of [1, 2]) void upstream.send(restCall());
  await settled();
  expect(sent).toHaveLength(2);
});

test('a hook receives an answer of its own: callers that share a flight do not see its changes', async () => {
  const { send, at } = scriptedSend();
  let calls = 0;
  const response: Transform['response'] = ({ value }) => {
    calls += 1;
    if (typeof value === 'object' && value !== null) Reflect.set(value, 'caller', calls);
    return value;
  };
  const upstream = stacked(send, { clock: manualClock(), transform: { response } });
  const answers = [1, 2].map(() => upstream.send(restCall()));
  await settled();
  at(0).reply({ value: { id: 'p1' } });
  expect((await Promise.all(answers)).map(({ value }) => value)).toEqual([
    { id: 'p1', caller: 1 },
    { id: 'p1', caller: 2 },
  ]);
});

test('a retry sends what the hook returned once', async () => {
  const { sent, send, at } = scriptedSend();
  let calls = 0;
  const request: Transform['request'] = () => {
    calls += 1;
    return { target: `/things/${calls}` };
  };
  const clock = manualClock();
  const answer = stacked(send, { clock, transform: { request } }).send(restCall());
  await settled();
  at(0).fail(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'answered 503', { status: 503 }));
  await settled();
  clock.advance(250);
  await settled();
  at(1).reply({});
  await answer;
  expect(sent.map(({ call }) => restIn(call).target)).toEqual(['/things/1', '/things/1']);
});

const throwing = () => {
  throw new RangeError('secret of the caller');
};

test('an exception in a hook fails its call with a code, the upstream and the hook, and no text of the exception', async () => {
  const request = await failureOf(hooked({ request: throwing }).send(restCall()));
  expect(request).toMatchObject({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'shop.things: GET /things/{id}: transform.request failed with RangeError (INTERNAL_SERVER_ERROR)',
  });
  const { send, at } = hooked({ response: throwing });
  const answer = failureOf(send(restCall()));
  await settled();
  at(0).reply({ value: 1 });
  expect(await answer).toMatchObject({
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'shop.things: GET /things/{id}: transform.response failed with RangeError (UPSTREAM_BAD_RESPONSE)',
  });
});

test.each<[string, Transform['request']]>([
  // Modules in JavaScript have no type check.
  ['a promise', async () => ({})],
  ['no object', () => undefined as unknown as object],
  ['a target that is not encoded', () => ({ target: '/a b' })],
  ['a target of another host', () => ({ target: 'http://other.invalid/' })],
  ['a header with a line break', () => ({ headers: { 'x-a': 'a\r\nx-b: b' } })],
  ['the length of the body', () => ({ headers: { 'Content-Length': '3' } })],
  ['the trace', () => ({ headers: { traceparent: '00-1' } })],
])('a hook that returns %s fails its call, and nothing is sent', async (_what, request) => {
  const { sent, send } = hooked({ request });
  expect(await failureOf(send(restCall()))).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
  expect(sent).toHaveLength(0);
});

test.each([
  ['a stream', restCall({}, { as: 'stream' }), {}],
  ['an answer that is not read', restCall({}, { as: 'none' }), {}],
  ['HEAD', restCall({}, { method: 'HEAD' }), {}],
  ['a 304 of a conditional read', restCall({}, { conditional: true }), { status: 304 }],
])('the hook is not called for %s', async (_what, call, reply) => {
  const { send, at } = hooked({ response: throwing });
  const answer = send(call);
  await settled();
  at(0).reply({ value: undefined, ...reply });
  expect((await answer).value).toBeUndefined();
});

test('an error response does not reach the hook', async () => {
  const { send, at } = hooked({ response: throwing });
  const answer = failureOf(send(restCall()));
  await settled();
  at(0).fail(new Error('503'));
  expect(await answer).toMatchObject({ message: '503' });
});
