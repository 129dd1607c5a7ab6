import { expect, test } from 'vitest';
import { failureOf, manualDependencies, settled } from '../../../test/support/upstream/scripted-send.ts';
import type { Principal, User } from '../../request/principal.ts';
import { NoTokenError } from './access-tokens.ts';
import { type CallSubject, callSubject } from './call-subject.ts';
import { NoSubjectError, RefusedSubjectError, type WithoutIdentity } from './caller-tokens.ts';
import { exchangedTokens } from './exchanged-tokens.ts';
import { type Granted, TokenRequestError } from './token-request.ts';

const SIGNAL = new AbortController().signal;
const ANONYMOUS: Principal = { kind: 'anonymous' };

const user = (subject: string, expiresAtS = 1_000_000): User => ({
  ...{ kind: 'user', subject, issuer: 'https://id.example', scopes: [], roles: [] },
  claims: { exp: expiresAtS },
});

const of = (subject: string, token = `token of ${subject}`, expiresAtS?: number): CallSubject =>
  callSubject(user(subject, expiresAtS), token);

/** Exchanged tokens whose requests the test answers. The wall clock starts at 0. */
const rig = (withoutIdentity: WithoutIdentity = 'refuse') => {
  const dependencies = manualDependencies({ random: () => 1 });
  const { clock } = dependencies;
  const since = clock.now();
  const requests: { readonly subject: string; grant(lifetimeS?: number | null): void; fail(error: Error): void }[] = [];
  const tokens = exchangedTokens(
    {
      withoutIdentity,
      wallTime: () => clock.now() - since,
      request: (subject, signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<Granted>();
        signal.addEventListener('abort', () => reject(signal.reason));
        const token = `${requests.length + 1} for ${subject}`;
        requests.push({ subject, grant: (lifetimeS = 600) => resolve({ token, lifetimeS }), fail: reject });
        return promise;
      },
    },
    dependencies,
  );
  const token = async (subject: CallSubject | null) => tokens.token(subject, SIGNAL);
  const at = (index: number) => {
    const request = requests[index];
    if (request === undefined) throw new Error(`${requests.length} requests have arrived, not ${index + 1}`);
    return request;
  };
  /** Obtains the token of a caller by one request. */
  const granted = async (subject: CallSubject, lifetimeS?: number | null) => {
    const waiting = token(subject);
    await settled();
    requests.at(-1)?.grant(lifetimeS);
    return waiting;
  };
  return { tokens, token, granted, requests, at, clock, dependencies };
};

const refused = () => new TokenRequestError('answered 400 (invalid_grant)', { status: 400, error: 'invalid_grant' });
const down = () => new TokenRequestError('answered 503', { status: 503 });

test('calls of one caller share a request and its token, and each caller has one of its own', async () => {
  const { token, requests, at } = rig();
  const waiting = ['ann', 'bob', 'ann', 'bob', 'ann'].map((name) => token(of(name)));
  await settled();
  expect(requests.map(({ subject }) => subject)).toEqual(['token of ann', 'token of bob']);
  at(1).grant();
  at(0).grant();
  const [ann, bob] = ['1 for token of ann', '2 for token of bob'];
  expect(await Promise.all(waiting)).toEqual([ann, bob, ann, bob, ann]);
  expect(await token(of('ann'))).toBe(ann);
  expect(requests).toHaveLength(2);
});

test('two tokens of one principal are exchanged separately: the server may decide by other claims', async () => {
  const { granted, token, requests } = rig();
  expect(await granted(of('ann', 'old'))).toBe('1 for old');
  expect(await granted(of('ann', 'new'))).toBe('2 for new');
  expect([await token(of('ann', 'old')), await token(of('ann', 'new'))]).toEqual(['1 for old', '2 for new']);
  expect(requests).toHaveLength(2);
});

test('one token of two principals is exchanged separately', async () => {
  const { granted, requests } = rig();
  await granted(of('ann', 'same'));
  await granted(of('bob', 'same'));
  expect(requests).toHaveLength(2);
});

test.each([
  ['the granted lifetime', 60, 1_000_000],
  ['the end of the caller’s token', 3_600, 60],
  ['the end of the caller’s token, if the server states no lifetime', null, 60],
])('a token is used until shortly before %s', async (_what, lifetimeS, expiresAtS) => {
  const { granted, token, requests, clock } = rig();
  const subject = of('ann', 't', expiresAtS);
  expect(await granted(subject, lifetimeS)).toBe('1 for t');
  clock.advance(56_999);
  expect(await token(subject)).toBe('1 for t');
  const before = requests.length;
  // A renewal ahead is useless if the caller's token ends the validity.
  expect(before).toBe(expiresAtS === 60 ? 1 : 2);
  clock.advance(1);
  const next = token(subject);
  await settled();
  requests.at(-1)?.grant(lifetimeS);
  expect(await next).toBe('2 for t');
});

test('a refused caller is refused without further requests for a while, and no other caller is', async () => {
  const { token, granted, requests, at, clock } = rig();
  const waiting = failureOf(token(of('ann')));
  await settled();
  at(0).fail(refused());
  expect(await waiting).toBeInstanceOf(RefusedSubjectError);
  for (let call = 0; call < 10; call += 1)
    expect(await failureOf(token(of('ann')))).toBeInstanceOf(RefusedSubjectError);
  expect(requests).toHaveLength(1);
  expect(await granted(of('bob'))).toBe('2 for token of bob');
  clock.advance(1_000);
  expect(await granted(of('ann'))).toBe('3 for token of ann');
});

test('refusals of many callers never pause the requests of others', async () => {
  const { token, granted, at } = rig();
  for (let n = 0; n < 20; n += 1) {
    const waiting = failureOf(token(of(`mallory ${n}`)));
    await settled();
    at(n).fail(n % 2 === 0 ? refused() : new TokenRequestError('answered 400', { status: 400 }));
    await waiting;
  }
  expect(await granted(of('ann'))).toBe('21 for token of ann');
});

test('while the server is down known callers go on until the end of their tokens, and others are unavailable', async () => {
  const { token, granted, requests, clock } = rig();
  await granted(of('ann'));
  clock.advance(540_000);
  expect(await token(of('ann'))).toBe('1 for token of ann');
  await settled();
  requests.at(-1)?.fail(down());
  const bob = failureOf(token(of('bob')));
  await settled();
  requests.at(-1)?.fail(down());
  expect(await bob).toBeInstanceOf(NoTokenError);
  expect(await token(of('ann'))).toBe('1 for token of ann');
  clock.advance(55_000);
  const ended = failureOf(token(of('ann')));
  await settled();
  requests.at(-1)?.fail(down());
  expect(await ended).toBeInstanceOf(NoTokenError);
});

test('five failures of the server in a row pause the requests of all callers', async () => {
  const { token, granted, requests, at, clock } = rig();
  const fail = async (name: string) => {
    const before = requests.length;
    const waiting = failureOf(token(of(name)));
    await settled();
    if (requests.length > before) at(before).fail(down());
    expect(await waiting).toBeInstanceOf(NoTokenError);
  };
  for (let n = 0; n < 100; n += 1) await fail(`user ${n}`);
  expect(requests).toHaveLength(5);
  clock.advance(1_000);
  await fail('another');
  await fail('one more');
  expect(requests).toHaveLength(6);
  clock.advance(2_000);
  expect(await granted(of('ann'))).toBe('7 for token of ann');
  await fail('the next');
  expect(await granted(of('bob'))).toBe('9 for token of bob');
});

test.each([429, 503])(
  '%i with Retry-After delays its caller, and from the fifth in a row all callers',
  async (status) => {
    const { token, granted, requests, at, clock } = rig();
    const limited = async (name: string) => {
      const waiting = failureOf(token(of(name)));
      await settled();
      at(requests.length - 1).fail(new TokenRequestError(`answered ${status}`, { status, retryAfterMs: 20_000 }));
      await waiting;
    };
    await limited('ann');
    await failureOf(token(of('ann')));
    expect(requests).toHaveLength(1);
    expect(await granted(of('bob'))).toBe('2 for token of bob');
    clock.advance(19_999);
    await failureOf(token(of('ann')));
    expect(requests).toHaveLength(2);
    clock.advance(1);
    expect(await granted(of('ann'))).toBe('3 for token of ann');

    for (let n = 0; n < 5; n += 1) await limited(`user ${n}`);
    await failureOf(token(of('cleo')));
    expect(requests).toHaveLength(8);
    clock.advance(20_000);
    expect(await granted(of('dave'))).toBe('9 for token of dave');
  },
);

test('at most 64 requests are in flight', async () => {
  const { token, requests, at } = rig();
  const waiting = Array.from({ length: 70 }, (_, n) => token(of(`user ${n}`)));
  await settled();
  expect(requests).toHaveLength(64);
  for (let n = 0; n < 70; n += 1) {
    at(n).grant();
    await settled();
  }
  expect(new Set(await Promise.all(waiting)).size).toBe(70);
});

test('all kept tokens together are bounded, and the callers in use stay', async () => {
  const { granted, token, requests } = rig();
  const name = (n: number): string => `${n}`.padEnd(8_000, '.');
  for (let n = 0; n < 1_500; n += 1) {
    await granted(of('hot'));
    if (n === 0) expect(requests).toHaveLength(1);
    await granted(of(name(n), name(n)));
  }
  expect(requests).toHaveLength(1_501);
  await token(of('hot'));
  await granted(of(name(1_499), name(1_499)));
  expect(requests).toHaveLength(1_501);
  await granted(of(name(0), name(0)));
  expect(requests).toHaveLength(1_502);
});

test('a token that the backend refuses is renewed for its caller only', async () => {
  const { tokens, token, granted, requests, at } = rig();
  await granted(of('ann'));
  await granted(of('bob'));
  const renewed = tokens.renew(of('ann'), '1 for token of ann', SIGNAL);
  await settled();
  at(2).grant();
  expect(await renewed).toBe(true);
  expect([await token(of('ann')), await token(of('bob'))]).toEqual(['3 for token of ann', '2 for token of bob']);
  expect(await tokens.renew(of('ann'), '3 for token of ann', SIGNAL)).toBe(false);
  expect(requests).toHaveLength(3);
});

test.each([
  ['no caller', null, true],
  ['an anonymous caller', callSubject(ANONYMOUS, null), true],
  ['a user without a token', callSubject(user('ann'), null), false],
])('%s is refused by default, and has no token if the call is to be sent', async (_who, subject, isAnonymous) => {
  const { token, requests } = rig();
  const error = await failureOf(token(subject));
  expect(error).toBeInstanceOf(NoSubjectError);
  expect(error).toMatchObject({ isAnonymous });
  expect(await rig('send').token(subject)).toBeNull();
  expect(requests).toEqual([]);
});

test('failures of many callers are reported once a minute, and then the recovery', async () => {
  const { token, granted, at, dependencies, clock } = rig();
  for (let n = 0; n < 10; n += 1) {
    const waiting = failureOf(token(of(`user ${n}`)));
    await settled();
    at(n).fail(refused());
    await waiting;
  }
  expect(dependencies.events).toEqual([{ is: 'token', outcome: 'failed', reason: 'answered 400 (invalid_grant)' }]);
  clock.advance(60_000);
  await granted(of('user 0'));
  expect(dependencies.events.slice(1)).toMatchObject([{ outcome: 'recovered' }]);
});

test('closing ends the requests in flight', async () => {
  const { tokens, token } = rig();
  const waiting = failureOf(token(of('ann')));
  await settled();
  tokens.close();
  expect(await waiting).toBeInstanceOf(NoTokenError);
});
