import { expect, onTestFinished, test } from 'vitest';
import { authenticate } from '../../../test/support/auth/authenticators.ts';
import { AUDIENCE, ISSUER, startIssuer } from '../../../test/support/auth/issuer.ts';
import { signingKey } from '../../../test/support/auth/signing.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { tokenAuthenticator } from '../tokens/token-authenticator.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const start = async () => {
  const clock = manualClock();
  const issuer = await startIssuer(clock.wallTime);
  const warnings: unknown[] = [];
  const settings = {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { by: 'url', url: issuer.jwksUrl } as const,
    roles: 'roles',
    typ: 'at+jwt',
  };
  const log = { warn: (message: string, fields: unknown) => void warnings.push([message, fields]) };
  const authenticator = tokenAuthenticator({ issuers: [settings], clock, log, wallTime: clock.wallTime });
  onTestFinished(async () => {
    authenticator.close();
    await issuer[Symbol.asyncDispose]();
  });
  /** Returns the subject, or the reason of the refusal. */
  const verify = async (token = issuer.token()): Promise<string | undefined> => {
    const result = await authenticate(authenticator, `Bearer ${token}`);
    if (result?.is !== 'authenticated') return result?.is;
    return result.principal.kind === 'user' ? result.principal.subject : result.principal.kind;
  };
  /** Advances the clock, and waits for the resulting fetches. */
  const pass = async (ms: number, expected: { fetches: number }) => {
    const before = issuer.requests.length;
    clock.advance(ms);
    await issuer.arrived(before + expected.fetches);
    await settled();
    expect(issuer.requests.length).toBe(before + expected.fetches);
  };
  /** Waits for a fetch in the background, if there is one: a token with an unknown key waits for it. */
  const settled = () => verify(issuer.token({}, { kid: 'nobody' }));
  return { clock, issuer, authenticator, verify, pass, warnings };
};

type Rig = Awaited<ReturnType<typeof start>>;

/** Takes the issuer down for `ms`. A refused connection fails immediately, and is not counted by the issuer. */
const down = async ({ issuer, warnings, clock }: Rig, ms: number, step: number) => {
  await issuer.goDown();
  for (let passed = 0; passed < ms; passed += step) {
    const before = warnings.length;
    clock.advance(step);
    // The due refresh must fail before the clock advances further.
    await expect.poll(() => warnings.length).toBe(before + 1);
  }
};

test('keys are fetched at the first token of a known issuer, once for concurrent requests', async () => {
  const { issuer, verify } = await start();
  expect(issuer.requests).toEqual([]);
  expect(await verify('a.b.c')).toBe('invalid');
  expect(await verify(issuer.token({ iss: 'https://evil.example' }))).toBe('invalid');
  expect(issuer.requests).toEqual([]);
  expect(new Set(await Promise.all(Array.from({ length: 100 }, () => verify())))).toEqual(new Set(['c1']));
  expect(issuer.requests).toEqual(['/keys']);
});

test('10,000 unknown keys in a minute cause at most two fetches', async () => {
  const { clock, issuer, verify } = await start();
  expect(await verify()).toBe('c1');
  const started = issuer.requests.length - 1;
  const token = (n: number) => issuer.token({}, { kid: `unknown-${n}` });
  for (let n = 0; n < 10_000; n += 100) {
    const results = await Promise.all(Array.from({ length: 100 }, (_, more) => verify(token(n + more))));
    expect(new Set(results)).toEqual(new Set(['invalid']));
    clock.advance(599);
  }
  expect(issuer.requests.length - started).toBe(2);
  expect(await verify()).toBe('c1');
});

test('no token is refused during a rotation that publishes the new key before it signs', async () => {
  const { issuer, clock, verify } = await start();
  expect(await verify()).toBe('c1');
  const next = signingKey('k2');
  // An unknown key causes a fetch at the worst moment: just before the new key is published.
  clock.advance(MINUTE);
  expect(await verify(issuer.token({}, { kid: 'nobody' }))).toBe('invalid');
  issuer.published = [...issuer.published, next.jwk];
  const before = issuer.token();
  clock.advance(30 * SECOND - 1);
  expect(await verify(issuer.token({}, { kid: 'nobody' }))).toBe('invalid');
  expect(issuer.requests.length).toBe(2);
  clock.advance(1);
  issuer.key = next;
  expect(await Promise.all([verify(before), verify(), verify()])).toEqual(['c1', 'c1', 'c1']);
  expect(issuer.requests.length).toBe(3);
});

test('a key that signs before it is published is accepted after the cooldown', async () => {
  const { clock, issuer, verify } = await start();
  expect(await verify()).toBe('c1');
  issuer.key = signingKey('k2');
  issuer.published = [...issuer.published, issuer.key.jwk];
  clock.advance(30 * SECOND - 1);
  expect(await verify()).toBe('invalid');
  expect(issuer.requests.length).toBe(1);
  clock.advance(1);
  const tokens = Array.from({ length: 50 }, () => issuer.token());
  expect(new Set(await Promise.all(tokens.map(verify)))).toEqual(new Set(['c1']));
  expect(issuer.requests.length).toBe(2);
});

test('a removed key is accepted until the refresh after ten minutes, with or without requests', async () => {
  const { issuer, clock, verify, pass } = await start();
  expect(await verify()).toBe('c1');
  const old = issuer.key;
  issuer.key = signingKey('k2');
  issuer.published = [issuer.key.jwk];
  const by = (key: typeof old, token: () => string) => {
    const now = issuer.key;
    issuer.key = key;
    const text = token();
    issuer.key = now;
    return text;
  };
  clock.advance(10 * MINUTE - 1);
  expect(await verify(by(old, () => issuer.token()))).toBe('c1');
  await pass(1, { fetches: 1 });
  expect(await verify(by(old, () => issuer.token()))).toBe('invalid');
  expect(await verify()).toBe('c1');
});

test('known keys outlive an outage by hours, an unknown key is refused during it and accepted after it', async () => {
  const rig = await start();
  const { issuer, clock, verify } = rig;
  expect(await verify()).toBe('c1');
  await down(rig, HOUR, 10 * MINUTE);
  expect(await verify()).toBe('c1');
  expect(await verify(issuer.token({}, { kid: 'new' }))).toBe('invalid');
  await issuer.comeBack();
  issuer.key = signingKey('k2');
  issuer.published = [...issuer.published, issuer.key.jwk];
  clock.advance(30 * SECOND);
  expect(await verify()).toBe('c1');
});

test('keys that were not refreshed for four hours verify nothing until their issuer is back', async () => {
  const rig = await start();
  const { issuer, clock, verify } = rig;
  expect(await verify()).toBe('c1');
  await down(rig, 4 * HOUR - MINUTE, HOUR - 15 * SECOND);
  expect(await verify()).toBe('c1');
  clock.advance(2 * MINUTE);
  expect(await verify()).toBe('unverifiable');
  await issuer.comeBack();
  clock.advance(30 * SECOND);
  expect(await verify()).toBe('c1');
});

test('without any keys, tokens cannot be verified, and the intervals between fetches double up to 30 s', async () => {
  const { issuer, clock, verify, authenticator, warnings } = await start();
  await issuer.goDown();
  const waits: unknown[] = [];
  for (let attempt = 1; attempt <= 7; attempt += 1) {
    const result = await authenticate(authenticator, `Bearer ${issuer.token()}`);
    const wait = result?.is === 'unverifiable' ? result.retryAfterS : Number.NaN;
    waits.push(wait);
    expect(await verify()).toBe('unverifiable');
    expect(warnings.length).toBe(attempt);
    clock.advance(wait * SECOND);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  await issuer.comeBack();
  expect(await verify()).toBe('c1');
});

test('a hanging issuer delays concurrent requests by five seconds, with one fetch', async () => {
  const { issuer, clock, verify } = await start();
  issuer.answer = () => {};
  const results = Promise.all([verify(), verify(), verify()]);
  await issuer.arrived(1);
  clock.advance(5 * SECOND);
  expect(new Set(await results)).toEqual(new Set(['unverifiable']));
  expect(await verify()).toBe('unverifiable');
  expect(issuer.requests.length).toBe(1);
  issuer.answer = null;
  clock.advance(SECOND);
  expect(await verify()).toBe('c1');
});

test('an issuer that hangs in the middle of its response delays a request by five seconds', async () => {
  const { issuer, clock, verify } = await start();
  issuer.answer = (response) => void response.writeHead(200).write('{"keys":[');
  const result = verify();
  await issuer.arrived(1);
  // The timeout is the same before and after the response's headers.
  clock.advance(5 * SECOND);
  expect(await result).toBe('unverifiable');
});

test('a hanging refresh of known keys delays no request', async () => {
  const { issuer, clock, verify } = await start();
  expect(await verify()).toBe('c1');
  issuer.answer = () => {};
  clock.advance(10 * MINUTE);
  await issuer.arrived(2);
  expect(await verify()).toBe('c1');
  clock.advance(5 * SECOND);
});

test.each([
  ['a page', (response) => response.end('<!doctype html>')],
  ['no key', (response) => response.end('{"keys":[]}')],
  ['a secret in place of a key', (response) => response.end('{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"k1"}]}')],
  ['another 300 KiB', (response) => response.end(' '.repeat(300_000))],
  ['a redirect', (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()],
  [
    'other keys under an error',
    (response) => response.writeHead(500).end(JSON.stringify({ keys: [signingKey('k9').jwk] })),
  ],
  ['an error', (response) => response.writeHead(503).end()],
] satisfies [string, NonNullable<Rig['issuer']['answer']>][])(
  'a refresh with %s keeps the keys and is retried after the cooldown',
  async (_what, answer) => {
    const { issuer, verify, clock, pass, warnings } = await start();
    expect(await verify()).toBe('c1');
    issuer.answer = answer;
    await pass(10 * MINUTE, { fetches: 1 });
    expect(await verify()).toBe('c1');
    expect(warnings).toHaveLength(1);
    issuer.answer = null;
    await pass(30 * SECOND, { fetches: 1 });
    expect(warnings).toHaveLength(1);
    clock.advance(1);
    expect(await verify()).toBe('c1');
  },
);

test('unusable keys of a set are ignored, and the others are used', async () => {
  const { issuer, verify } = await start();
  const { privateKey } = signingKey('private');
  issuer.published = [
    null,
    'key',
    { kty: 'RSA', kid: 'k1', n: 'AQAB', e: 'AQAB' },
    { kty: 'EC', crv: 'P-256', kid: 'k1', x: 'AA', y: 'AA' },
    { kty: 'AKP', alg: 'ML-DSA-44', kid: 'new', pub: 'AA' },
    { ...privateKey.export({ format: 'jwk' }), kid: 'private', alg: 'ES256' },
    { ...issuer.key.jwk },
  ];
  expect(await verify()).toBe('c1');
  expect(await verify(issuer.token({}, { kid: 'private' }))).toBe('invalid');
});

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)('tokens signed with %s are verified', async (alg) => {
  const { issuer, verify } = await start();
  issuer.key = signingKey('other', alg);
  issuer.published = [...issuer.published, issuer.key.jwk];
  expect(await verify()).toBe('c1');
});

test('a token without a key id is checked with up to four keys', async () => {
  const { issuer, verify } = await start();
  const keys = Array.from({ length: 4 }, (_, n) => signingKey(`k${n}`));
  issuer.published = keys.map(({ jwk }) => jwk);
  for (const key of keys) {
    issuer.key = key;
    expect(await verify(issuer.token({}, { kid: undefined }))).toBe('c1');
  }
});

test('a token without a key id is not checked with a fifth key', async () => {
  const { issuer, verify } = await start();
  const keys = Array.from({ length: 5 }, (_, n) => signingKey(`k${n}`));
  issuer.published = keys.map(({ jwk }) => jwk);
  issuer.key = keys[4] ?? issuer.key;
  expect(await verify(issuer.token({}, { kid: undefined }))).toBe('invalid');
  expect(await verify()).toBe('c1');
});

test('a closed authenticator leaves no timer behind', async () => {
  const { clock, verify, authenticator } = await start();
  expect(await verify()).toBe('c1');
  expect(clock.pending).toBe(1);
  authenticator.close();
  expect(clock.pending).toBe(0);
});
