import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { systemClock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Answer, Call, GrpcMessage, RestMessage, Send } from '../call.ts';
import { stack } from '../call.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import { deadline } from '../time-limit.ts';
import { singleFlight } from './layer.ts';

const READ: RestMessage = { protocol: 'rest', method: 'GET', target: '/things/1', body: null };
const ASK: GrpcMessage = {
  protocol: 'grpc',
  path: '/shop.Things/Get',
  request: new Uint8Array([1, 2, 255]),
  safe: true,
  decode: () => undefined,
};

const call = (changes: Partial<Call> = {}): Call => ({
  upstream: 'shop.things',
  route: 'GET /things/{id}',
  idempotent: true,
  principalKey: 'anonymous',
  headers: {},
  message: READ,
  deadline: 10_000,
  signal: new AbortController().signal,
  request: null,
  attempt: 1,
  endpoint: null,
  ...changes,
});

const answer = (value: unknown): Answer => ({ status: 200, headers: {}, size: 0, value });

interface Sent {
  readonly call: Call;
  reply(value: unknown): void;
  fail(error: Error): void;
}

/** A backend that answers when the test decides. */
const backend = () => {
  const sent: Sent[] = [];
  const send: Send = (call) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
    sent.push({ call, reply: (value) => resolve(answer(value)), fail: reject });
    return promise;
  };
  return { sent, send };
};

const abortable = (changes: Partial<Call> = {}) => {
  const controller = new AbortController();
  return { call: call({ ...changes, signal: controller.signal }), leave: () => controller.abort(new Error('left')) };
};

test('a thousand identical concurrent reads are one call, and each has an answer of its own', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const asked = Array.from({ length: 1_000 }, () => flight(call()));
  expect(sent).toHaveLength(1);
  sent[0]?.reply({ rows: [{ id: 1 }], ['__proto__']: { polluted: true } });

  const answers = await Promise.all(asked);
  expect(answers).toEqual(Array.from({ length: 1_000 }, () => answers[0]));
  expect(new Set(answers.map(({ value }) => value)).size).toBe(1_000);
  Reflect.set(Object(answers[0]?.value), 'rows', 'changed by the first');
  expect(answers[1]?.value).toMatchObject({ rows: [{ id: 1 }] });
});

test('a read after the answer is a call of its own', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  for (const value of [1, 2]) {
    const asked = flight(call());
    sent.at(-1)?.reply(value);
    expect((await asked).value).toBe(value);
  }
  expect(sent).toHaveLength(2);
});

/** Longer than the part of a message that is hashed. */
const long = (at: number): number[] => Array.from({ length: 10_000 }, (_, index) => (index === at ? 1 : 0));

const grpc = (request: number[]): Partial<Call> => ({ message: { ...ASK, request: new Uint8Array(request) } });

test.each<[string, Partial<Call>, Partial<Call>]>([
  ['principals', { principalKey: 'a' }, { principalKey: 'b' }],
  ['upstreams', { upstream: 'shop.things' }, { upstream: 'other.things' }],
  ['routes', { route: 'GET /a' }, { route: 'GET /b' }],
  ['targets', { message: READ }, { message: { ...READ, target: '/things/1?x=1' } }],
  ['tokens', { headers: { authorization: 'Bearer a' } }, { headers: { authorization: 'Bearer b' } }],
  ['client addresses', { headers: { 'x-forwarded-for': '10.0.0.1' } }, { headers: { 'x-forwarded-for': '10.0.0.2' } }],
  ['a header and none', { headers: { 'x-tenant': '' } }, {}],
  ['headers that read alike', { headers: { a: 'b","c":"d' } }, { headers: { a: 'b', c: 'd' } }],
  ['messages', grpc([1, 2]), grpc([1, 3])],
  ['long messages that differ at the end', grpc(long(0)), grpc(long(9_999))],
  ['long messages that differ in the middle', grpc(long(5_000)), grpc(long(5_001))],
  ['messages of other lengths', grpc([0]), grpc([0, 0])],
  ['methods', { message: ASK }, { message: { ...ASK, path: '/shop.Things/Find' } }],
])('different %s do not share', (_what, one, other) => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  void flight(call(one)).catch(() => {});
  void flight(call(other)).catch(() => {});
  expect(sent).toHaveLength(2);
});

test('messages with equal bytes are shared, whatever memory they are in', () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const bytes = new Uint8Array(long(5_000));
  for (const request of [bytes, Buffer.from(bytes), Buffer.concat([Buffer.of(0), bytes]).subarray(1)])
    void flight(call({ message: { ...ASK, request } })).catch(() => {});
  expect(sent).toHaveLength(1);
});

test('ids of request and trace, and the order of headers, do not separate calls', () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const mine = { 'x-request-id': '1', traceparent: 'a', tracestate: 'b', accept: 'x', 'x-tenant': 't' };
  const theirs = { 'x-tenant': 't', accept: 'x', 'x-request-id': '2', traceparent: 'c', tracestate: 'd' };
  for (const message of [READ, ASK])
    for (const headers of [mine, theirs]) void flight(call({ headers, message })).catch(() => {});
  expect(sent).toHaveLength(2);
});

test.each<[string, Call['message']]>([
  ['a POST', { ...READ, method: 'POST', body: '{}' }],
  ['a DELETE', { ...READ, method: 'DELETE' }],
  ['a method that changes something, however often it may be sent', { ...ASK, safe: false }],
])('%s is never shared', (_what, message) => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  for (let times = 0; times < 3; times += 1) void flight(call({ message, idempotent: true })).catch(() => {});
  expect(sent).toHaveLength(3);
});

test('a failure rejects every waiter once and is not kept', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const asked = [flight(call()), flight(call()), flight(call())];
  const failure = new UpstreamError('UPSTREAM_ERROR', call(), 'reset');
  sent[0]?.fail(failure);
  for (const each of asked) await expect(each).rejects.toBe(failure);
  expect(sent).toHaveLength(1);

  const again = flight(call());
  sent[1]?.reply('well');
  expect((await again).value).toBe('well');
});

test('copies of a shared answer are made when its waiters use them, not while it arrives', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const asked = Array.from({ length: 5 }, () => flight(call()));
  let copies = 0;
  sent[0]?.reply({
    get rows() {
      copies += 1;
      return [];
    },
  });
  const answers = await Promise.all(asked);
  expect(copies).toBe(0);
  const values = answers.slice(0, 3).map(({ value }) => value);
  expect(copies).toBe(3);
  expect(answers.slice(0, 3).map(({ value }) => value)).toEqual(values);
  expect(copies).toBe(3);
});

test('an answer nested too deeply to be copied fails the waiters that need a copy, and none waits forever', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const asked = [flight(call()), flight(call())];
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  sent[0]?.reply(deep);
  const [copy, last] = await Promise.all(asked);
  expect(() => copy?.value).toThrow(RangeError);
  expect(last?.value).toBe(deep);
});

test('an aborted waiter, the first included, takes nothing from the others', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const [first, second, third] = [abortable(), abortable(), abortable()];
  const asked = [first, second, third].map(({ call }) => flight(call));
  first.leave();
  third.leave();
  await expect(asked[0]).rejects.toThrow('left');
  await expect(asked[2]).rejects.toThrow('left');
  expect(sent[0]?.call.signal.aborted).toBe(false);
  sent[0]?.reply('here');
  expect((await asked[1])?.value).toBe('here');
});

test('the call is aborted with its last waiter, and nothing joins it afterwards', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  const [one, other] = [abortable(), abortable()];
  const asked = [flight(one.call), flight(other.call)];
  one.leave();
  other.leave();
  const next = flight(call());
  expect(sent).toHaveLength(2);
  expect(sent[0]?.call.signal.aborted).toBe(true);
  for (const each of asked) await expect(each).rejects.toThrow('left');
  sent[1]?.reply('new');
  expect((await next).value).toBe('new');
});

test('an aborted caller does not start a flight', async () => {
  const { sent, send } = backend();
  const gone = abortable();
  gone.leave();
  await expect(singleFlight(systemClock)(send)(gone.call)).rejects.toThrow('left');
  expect(sent).toHaveLength(0);
});

test('each waiter has its own deadline, which does not end the call of the others', async () => {
  const clock = manualClock();
  const { sent, send } = backend();
  const flight = stack(deadline(clock), singleFlight(clock))(send);
  const short = flight(call({ deadline: 100 }));
  const long = flight(call({ deadline: 5_000 }));
  clock.advance(100);
  await expect(short).rejects.toThrow('TIMEOUT');
  clock.advance(1_000);
  sent[0]?.reply('late, but in time');
  expect((await long).value).toBe('late, but in time');
  expect(sent).toHaveLength(1);
});

test('in an upstream’s stack the flight is inside the deadline and outside the choice of an endpoint', async () => {
  const clock = manualClock();
  const { sent, send } = backend();
  const endpoint = endpointAt('http://things.invalid', { max: 1 });
  const { send: upstream } = stacked(send, {
    endpoints: [endpoint],
    timeoutMs: 2_000,
    clock,
    traffic: { retry: false },
  });
  const short = upstream(call({ deadline: 100 }));
  // Without sharing, the endpoint's maximum would reject all calls but one.
  const asked = Array.from({ length: 10 }, () => upstream(call({ deadline: 5_000 })));
  await setImmediate();
  expect(sent).toHaveLength(1);
  clock.advance(100);
  await expect(short).rejects.toThrow('TIMEOUT');
  // The backend receives the deadline of the first waiter. Waiters with a later one start another call, once.
  expect(sent[0]?.call.deadline).toBe(100);
  await setImmediate();
  expect(sent).toHaveLength(2);
  // The timeout of an attempt is shared by all waiters.
  expect(sent[1]?.call.deadline).toBe(2_100);
  clock.advance(2_000);
  for (const each of asked) await expect(each).rejects.toThrow('TIMEOUT');
});

test('no listener on a waiter’s signal and no flight is left behind', async () => {
  const { sent, send } = backend();
  const flight = singleFlight(systemClock)(send);
  let listeners = 0;
  const { signal } = new AbortController();
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  const asked = [flight(call({ signal })), flight(call({ signal }))];
  expect(listeners).toBe(2);
  sent[0]?.reply(1);
  await Promise.all(asked);
  await setImmediate();
  expect(listeners).toBe(0);
});
