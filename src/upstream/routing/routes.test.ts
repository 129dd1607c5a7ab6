import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { answer, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf } from '../../../test/support/upstream/scripted-send.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { UpstreamError } from '../../core/errors.ts';
import { ANONYMOUS, type Principal } from '../../request/principal.ts';
import type { Send } from '../call.ts';
import { endpointAt } from '../endpoints/endpoint.ts';
import type { UpstreamEvent } from '../events.ts';
import { Overrides } from '../operations/overrides.ts';
import type { TrafficOptions } from '../options.ts';
import type { CallOrigin } from './call-origin.ts';
import type { RouteOptions } from './route-options.ts';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const ENDPOINTS = ['v1', 'v2'].map((version) => endpointAt(`http://${version}.invalid`, { labels: { version } }));

const origin = (changes: Partial<CallOrigin> = {}): CallOrigin => ({
  headers: {},
  principal: ANONYMOUS,
  clientAddress: '10.0.0.1',
  operation: null,
  ...changes,
});

const user = (claims: Readonly<Record<string, unknown>>): Principal => ({
  kind: 'user',
  subject: 'ann',
  issuer: 'https://issuer.invalid',
  scopes: [],
  roles: [],
  claims,
});

/** An upstream with one endpoint of each version. Each answer is the version that gave it. */
const upstreamWith = (
  routes: readonly RouteOptions[],
  { seed = 1, ...options }: { seed?: number; send?: Send; traffic?: TrafficOptions } = {},
) => {
  const clock = manualClock();
  const overrides = new Overrides(clock);
  const events: UpstreamEvent[] = [];
  let sent = 0;
  const send: Send =
    options.send ?? (async ({ endpoint }) => answer(endpoint?.url.hostname === 'v2.invalid' ? 'v2' : 'v1'));
  const upstream = stacked(
    (call) => {
      sent += 1;
      return send(call);
    },
    {
      clock,
      random: seeded(seed),
      endpoints: ENDPOINTS,
      overrides: overrides.activeFor('shop.things'),
      report: (event) => events.push(event),
      traffic: { retry: false, ...options.traffic, routing: { subsets: SUBSETS, routes } },
    },
  );
  const sendCall = async (from?: CallOrigin): Promise<unknown> =>
    (await upstream.send(restCall({ origin: from }))).value;
  const override = (action: Parameters<Overrides['replace']>[0][number]['action']) =>
    overrides.replace([{ upstream: 'shop.things', action, reason: 'test', expiresInMs: 1_000 }]);
  return { sendCall, override, overrides, upstream, clock, events, sent: () => sent };
};

const header = (name: string, value: string) => origin({ headers: { [name]: value } });
const operation = (changes: Partial<NonNullable<CallOrigin['operation']>>) =>
  origin({ operation: { name: null, kind: 'query', argument: () => [], ...changes } });
const argument = (path: string, ...values: readonly unknown[]) =>
  operation({ argument: (asked) => (asked === path ? values : []) });

describe('a rule chooses the subset by the request', () => {
  test.each<[string, NonNullable<RouteOptions['when']>, CallOrigin, 'v1' | 'v2']>([
    ['a header', { header: { 'X-Beta': 'on' } }, header('x-beta', 'on'), 'v2'],
    ['another value of the header', { header: { 'X-Beta': 'on' } }, header('x-beta', 'off'), 'v1'],
    ['any value of a header', { header: { 'x-beta': true } }, header('x-beta', ''), 'v2'],
    ['a missing header', { header: { 'x-beta': true } }, origin(), 'v1'],
    ['a cookie among others', { cookie: { beta: 'on' } }, header('cookie', 'a=1; beta=on; c=2'), 'v2'],
    ['a cookie with a similar name', { cookie: { beta: 'on' } }, header('cookie', 'xbeta=on'), 'v1'],
    ['a cookie with U+00A0 in its name', { cookie: { beta: 'on' } }, header('cookie', 'a=1; \u00a0beta=on'), 'v1'],
    ['a cookie with U+00A0 in its value', { cookie: { beta: 'on' } }, header('cookie', 'beta=on\u00a0'), 'v1'],
    ['a cookie between tabs', { cookie: { beta: 'on' } }, header('cookie', 'a=1;\tbeta\t=\ton\t'), 'v2'],
    ['a claim', { claim: { plan: ['gold', 'silver'] } }, origin({ principal: user({ plan: 'silver' }) }), 'v2'],
    ['an entry of a claim', { claim: { groups: 'qa' } }, origin({ principal: user({ groups: ['a', 'qa'] }) }), 'v2'],
    ['the subject', { claim: { sub: 'ann' } }, origin({ principal: user({}) }), 'v2'],
    ['no token', { claim: { sub: true } }, origin(), 'v1'],
    [
      'a claim of every object',
      { claim: Object.fromEntries([['constructor', true]]) },
      origin({ principal: user({}) }),
      'v1',
    ],
    ['the client', { client: 'ios' }, header('apollographql-client-name', 'ios'), 'v2'],
    ['the client’s version', { clientVersion: '2.*' }, header('apollographql-client-version', '2.13.0'), 'v2'],
    ['an older version', { clientVersion: '2.*' }, header('apollographql-client-version', '12.0'), 'v1'],
    ['the operation', { operation: ['Checkout', 'Cart*'] }, operation({ name: 'CartPage' }), 'v2'],
    ['another operation', { operation: ['Checkout', 'Cart*'] }, operation({ name: 'MyCart' }), 'v1'],
    ['a mutation', { kind: 'mutation' }, operation({ kind: 'mutation' }), 'v2'],
    ['a query', { kind: 'mutation' }, operation({ kind: 'query' }), 'v1'],
    ['an argument', { argument: { 'order.id': 'eu-*' } }, argument('order.id', 'eu-7'), 'v2'],
    ['a number as an argument', { argument: { 'order.id': ['7', '8'] } }, argument('order.id', 8), 'v2'],
    ['one of several root fields', { argument: { 'order.id': '7' } }, argument('order.id', 1, 7), 'v2'],
    ['a list as an argument', { argument: { 'orders.ids': '7' } }, argument('orders.ids', ['7', '9']), 'v1'],
    ['all conditions', { client: 'ios', header: { a: '1' } }, header('a', '1'), 'v1'],
    ['two stars', { header: { a: 'x*y*z' } }, header('a', 'x-y-y-z'), 'v2'],
    ['parts of a pattern that overlap', { header: { a: 'xy*yz' } }, header('a', 'xyz'), 'v1'],
  ])('%s: %j', async (_title, when, from, expected) => {
    const { sendCall } = upstreamWith([{ when, to: 'v2' }, { to: 'v1' }]);
    expect(await sendCall(from)).toBe(expected);
  });

  test('a call without a request uses the route without conditions', async () => {
    const { sendCall } = upstreamWith([{ when: { header: { a: true } }, to: 'v2' }, { to: 'v1' }]);
    expect(await sendCall()).toBe('v1');
  });

  test('the first rule that holds is used', async () => {
    const { sendCall } = upstreamWith([
      { when: { header: { a: true } }, to: 'v2' },
      { when: { header: { a: '1' } }, to: 'v1' },
      { to: 'v1' },
    ]);
    expect(await sendCall(header('a', '1'))).toBe('v2');
  });
});

const shareOf = async (sendCall: () => Promise<unknown>, count: number): Promise<number> => {
  let found = 0;
  for (let call = 0; call < count; call += 1) if ((await sendCall()) === 'v2') found += 1;
  return found / count;
};

test.each([1, 2, 3])(
  'of 10,000 calls, 9 to 11 %% go to the subset with a weight of 10 of 100 (seed %i)',
  async (seed) => {
    const { sendCall } = upstreamWith([{ to: { v1: 90, v2: 10 } }], { seed });
    const share = await shareOf(() => sendCall(), 10_000);
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  },
);

const subject = (name: string) => origin({ principal: { ...user({}), subject: name } as Principal });

test('a caller stays in one subset for 1,000 calls, and callers are spread by weight', async () => {
  const { sendCall } = upstreamWith([{ to: { v1: 90, v2: 10 }, sticky: { claim: 'sub' } }]);
  for (const name of ['ann', 'bob', 'cy', 'dee', 'eve']) {
    const first = await sendCall(subject(name));
    for (let call = 1; call < 1_000; call += 1) expect(await sendCall(subject(name))).toBe(first);
  }
  let at = 0;
  const share = await shareOf(() => sendCall(subject(`user-${at++}`)), 10_000);
  expect(share).toBeGreaterThan(0.09);
  expect(share).toBeLessThan(0.11);
});

test('a change of weights moves callers only out of the subset that shrinks', async () => {
  const { sendCall, override } = upstreamWith([{ to: { v1: 90, v2: 10 }, sticky: { header: 'x-user' } }]);
  const users = Array.from({ length: 1_000 }, (_, at) => header('x-user', `user-${at}`));
  const before = await Promise.all(users.map((from) => sendCall(from)));
  override({ is: 'weights', weights: { v1: 75, v2: 25 } });
  const after = await Promise.all(users.map((from) => sendCall(from)));
  expect(after.filter((version) => version === 'v2').length).toBeGreaterThan(200);
  expect(before.filter((version, at) => version === 'v2' && after[at] === 'v1')).toEqual([]);
});

test('a caller without the sticky value is drawn by weight', async () => {
  const { sendCall } = upstreamWith([{ to: { v1: 50, v2: 50 }, sticky: { claim: 'sub' } }]);
  expect(await shareOf(() => sendCall(origin()), 1_000)).toBeCloseTo(0.5, 1);
});

test('overridden routes come first, and end with their expiry', async () => {
  const { sendCall, override, clock } = upstreamWith([{ to: 'v1' }]);
  const routes = [{ when: { header: { qa: 'on' } }, to: 'v2', fallback: false as const }];
  override({ is: 'routes', routes });
  expect([await sendCall(header('qa', 'on')), await sendCall()]).toEqual(['v2', 'v1']);
  clock.advance(1_000);
  expect(await sendCall(header('qa', 'on'))).toBe('v1');
});

test('overridden weights replace those of the last route only, and end with their expiry', async () => {
  const { sendCall, override, clock } = upstreamWith([{ when: { header: { a: '1' } }, to: 'v1' }, { to: 'v1' }]);
  override({ is: 'weights', weights: { v1: 0, v2: 1 } });
  expect([await sendCall(), await sendCall(header('a', '1'))]).toEqual(['v2', 'v1']);
  clock.advance(1_000);
  expect(await sendCall()).toBe('v1');
});

const down: Send = async (call) => {
  if (call.endpoint?.url.hostname === 'v1.invalid') return answer('v1');
  throw new UpstreamError('SERVICE_UNAVAILABLE', call, 'no connection');
};

/** Calls one after the other, so that failures open the circuits of the subset. */
const failMany = async (sendCall: () => Promise<unknown>) => {
  for (let call = 0; call < 40; call += 1) await sendCall().catch(() => {});
};

test('without a fallback, calls of a dead subset fail and reach no other endpoint', async () => {
  const { sendCall, events } = upstreamWith([{ to: 'v2' }], { send: down });
  await failMany(() => sendCall());
  expect(await failureOf(sendCall())).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(events.filter((event) => event.is === 'attempt' && event.address === 'http://v1.invalid')).toEqual([]);
});

test('with a fallback, it receives the calls while the subset has no usable endpoint', async () => {
  const { sendCall, events } = upstreamWith([{ to: 'v2', fallback: 'v1' }], { send: down });
  await failMany(() => sendCall());
  expect(await sendCall()).toBe('v1');
  expect(events.at(-2)).toEqual({ is: 'routed', route: 'GET /things/{id}', subset: 'v1', isFallback: true });
});

test('a retry stays in the subset', async () => {
  const { sendCall, sent, events } = upstreamWith([{ to: 'v2' }], {
    send: down,
    traffic: { retry: { baseMs: 0, maxMs: 0 } },
  });
  await failureOf(sendCall());
  const addresses = events.flatMap((event) => (event.is === 'attempt' ? [event.address] : []));
  expect([sent() > 1, new Set(addresses)]).toEqual([true, new Set(['http://v2.invalid'])]);
});

test('an upstream tells the subset of a request, for the keys of caches', () => {
  const { upstream } = upstreamWith([
    { when: { header: { a: true } }, to: 'v2' },
    { to: { v1: 1, v2: 1 }, sticky: { claim: 'sub' } },
  ]);
  const { subsetOf } = upstream.send;
  expect([subsetOf?.(header('a', '1')), subsetOf?.(origin())]).toEqual(['v2', null]);
  expect(['v1', 'v2']).toContain(subsetOf?.(subject('ann')));
});

test('routingHeaders has the headers that the routes read, and those of operators while their overrides last', () => {
  const { upstream, override, clock } = upstreamWith([
    { when: { header: { 'X-A': true }, argument: { 'order.id': '1' } }, to: 'v2' },
    { when: { client: 'ios' }, to: 'v2' },
    { to: { v1: 1, v2: 1 }, sticky: { claim: 'sub' } },
  ]);
  const own = ['x-a', 'apollographql-client-name', 'cookie', 'authorization', 'x-api-key'];
  expect(upstream.send.routingHeaders?.()).toEqual(own);
  override({ is: 'routes', routes: [{ when: { header: { 'x-qa': 'on' } }, to: 'v2', fallback: false }] });
  expect(upstream.send.routingHeaders?.()).toEqual(['x-qa', ...own]);
  clock.advance(1_001);
  expect(upstream.send.routingHeaders?.()).toEqual(own);
});

test('an upstream without routes reads no headers', () => {
  const { upstream } = upstreamWith([{ to: 'v1' }]);
  expect(upstream.send.routingHeaders?.()).toEqual([]);
});
