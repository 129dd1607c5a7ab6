import { expect } from 'vitest';
import { OWN_HEADERS } from '../../support/upstream/own-headers.ts';
import { type Attack, answered, failed, refused } from './attack.ts';
import { asked, head, json, lengthOf, WORLD } from './http.ts';
import type { ReceivedCall } from './rig.ts';

/** Headers that claim an identity or an address. */
const FORGED = {
  'x-user-id': '1',
  'x-internal-role': 'admin',
  'x-real-ip': '10.0.0.1',
  'x-forwarded-for': '10.0.0.1',
  'x-forwarded-host': 'evil.invalid',
  'x-original-url': '/admin',
  forwarded: 'for=10.0.0.1',
  baggage: `k=${'v'.repeat(4_000)}`,
  cookie: 'session=1',
  'proxy-authorization': 'Basic eA==',
  'accept-language': 'de',
};

const MORE_FORGED = {
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '443',
  'x-rewrite-url': '/admin',
  'x-http-method-override': 'DELETE',
  'x-client-cert': 'admin',
  'x-client-dn': 'CN=admin',
  'x-client-verify': 'SUCCESS',
  'x-forwarded-client-cert': 'Hash=ab;Subject="CN=admin"',
  'x-amzn-oidc-identity': 'admin',
  'cf-connecting-ip': '10.0.0.1',
  'true-client-ip': '10.0.0.1',
  'idempotency-key': 'k',
  'if-none-match': '*',
  range: 'bytes=0-0',
  via: '1.1 evil.invalid',
  'max-forwards': '0',
  tracestate: 'evil=1',
  x_user_id: '1',
};

/** Headers of the only upstream call that result from client input. */
const ofTheClient = (all: readonly ReceivedCall[]) => {
  expect(all).toHaveLength(1);
  return Object.fromEntries(Object.entries(all[0]?.headers ?? {}).filter(([name]) => !OWN_HEADERS.includes(name)));
};

const plainQuery = (...headers: readonly Readonly<Record<string, string>>[]) =>
  asked('{ plain }', Object.assign({}, ...headers));
const PLAIN = { plain: 'ok' };
const FROM_HERE = { 'x-forwarded-for': '127.0.0.1' };
const ALICE = { authorization: 'Bearer alice' };

const VALUE = 'query ($text: String!) { forwarded(text: $text) }';

const values: readonly Attack[] = [
  ...['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'naïve', '💥', '\x7f', 'a\rb', '\u010a', '\ud83d'].map((text) =>
    failed(73, `a header rejects ${JSON.stringify(text)}`, json({ query: VALUE, variables: { text } }), [
      'forwarded BAD_USER_INPUT',
    ]),
  ),
  ...['a%0d%0aX-Evil:%201', '%F0%9F%92%A5', 'a%00', 'a%0ab'].map((subject) =>
    failed(73, `a header rejects the claim ${subject}`, asked('{ claimed }', { authorization: `Bearer ${subject}` }), [
      'claimed BAD_USER_INPUT',
    ]),
  ),
];

const forwarding: readonly Attack[] = [
  answered(
    74,
    'an upstream without forward receives no client headers',
    asked('{ found(text: "x") }', FORGED),
    { found: 'ok' },
    (all) => expect(ofTheClient(all)).toEqual({}),
  ),
  answered(
    74,
    'an upstream receives the declared headers and the real client address',
    plainQuery(FORGED, ALICE),
    PLAIN,
    (all) => expect(ofTheClient(all)).toEqual({ ...ALICE, 'accept-language': 'de', ...FROM_HERE }),
  ),
  answered(74, 'proxy and cloud headers are not forwarded', plainQuery(MORE_FORGED), PLAIN, (all) =>
    expect(ofTheClient(all)).toEqual(FROM_HERE),
  ),
  answered(
    74,
    'headers about the client and its certificate are those of the gateway',
    asked('{ aboutClient }', { ...FORGED, ...MORE_FORGED }),
    { aboutClient: 'ok' },
    (all) =>
      expect(ofTheClient(all)).toEqual({
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
        'x-real-ip': '127.0.0.1',
        'x-client-verify': 'NONE',
        forwarded: 'for=127.0.0.1;proto=http',
      }),
  ),
  refused(74, 'baggage of 64 KB', plainQuery({ baggage: `k=${'v'.repeat(65_536)}` }), {
    status: 431,
    code: 'REQUEST_TOO_LARGE',
    closes: true,
  }),
  refused(
    74,
    'baggage of 10,000 members',
    plainQuery({ baggage: Array.from({ length: 10_000 }, (_, n) => `k${n}=v`).join() }),
    { status: 431, code: 'REQUEST_TOO_LARGE', closes: true },
  ),
  ...[
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    'x'.repeat(5_000),
    '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x',
  ].map((traceparent) =>
    answered(
      74,
      `the traceparent ${traceparent.slice(0, 60)} is not forwarded`,
      plainQuery({ traceparent }),
      PLAIN,
      ([call]) => {
        expect(call?.headers.traceparent).not.toBe(traceparent);
        expect(call?.headers.traceparent ?? '').not.toContain('cd43dd8448eb211c80319c');
      },
    ),
  ),
  answered(
    74,
    'a client’s traceparent does not control sampling, and its state is dropped',
    plainQuery({
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'evil=1',
      baggage: 'a=b',
    }),
    PLAIN,
    ([call]) => {
      expect(call?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[\da-f]{16}-00$/);
      expect([call?.headers.tracestate, call?.headers.baggage]).toEqual([undefined, undefined]);
    },
  ),
  answered(
    23,
    'headers named in Connection are not removed',
    plainQuery(ALICE, { connection: 'authorization, x-request-id, close' }),
    PLAIN,
    (all) => expect(ofTheClient(all)).toMatchObject(ALICE),
  ),
  answered(
    23,
    'hop-by-hop headers are not forwarded',
    plainQuery({
      te: 'trailers',
      'keep-alive': 'timeout=600',
      'proxy-connection': 'x',
      trailer: 'x-a',
      connection: 'keep-alive, te',
    }),
    PLAIN,
    (all) => expect(ofTheClient(all)).toEqual(FROM_HERE),
  ),
  answered(
    'next',
    'a repeated header arrives as one list',
    head(['x-tenant: a', 'x-tenant: b', lengthOf('{"query":"{ plain }"}')], '{"query":"{ plain }"}'),
    { plain: 'a, b' },
  ),
  refused(
    'next',
    'two Authorization headers',
    head(
      ['authorization: Bearer a', 'authorization: Bearer b', lengthOf('{"query":"{ plain }"}')],
      '{"query":"{ plain }"}',
    ),
    { status: 401, code: 'UNAUTHENTICATED' },
  ),
  answered('next', 'no acceptable content coding', asked('{ hello }', { 'accept-encoding': 'gzip;q=0, *;q=0' }), WORLD),
];

/** Attacks with headers that might reach an upstream. */
export const headers: readonly Attack[] = [...values, ...forwarding];
