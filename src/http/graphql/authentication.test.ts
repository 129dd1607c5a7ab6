import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { AUDIENCE, type Claims, ISSUER, startIssuer, type TestIssuer } from '../../../test/support/auth/issuer.ts';
import { part, signed } from '../../../test/support/auth/signing.ts';
import { publicRig, silent } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post } from '../../../test/support/http/raw-http.ts';
import {
  NOW,
  PRINCIPAL,
  SECOND,
  settingsOf,
  type TokenRig,
  tokenRig,
  wallTime,
} from '../../../test/support/http/token-rig.ts';
import { tokenAuthenticator } from '../../auth/tokens/token-authenticator.ts';
import { systemClock } from '../../core/clock.ts';

let rig: TokenRig;

beforeAll(async () => {
  rig = await tokenRig();
});

afterAll(() => rig[Symbol.asyncDispose]());

const principalFor = async (token: string) => {
  const { status, body } = await rig.sendRequest(`Bearer ${token}`);
  expect(status).toBe(200);
  return JSON.parse(body.data.principal);
};

describe('a valid token', () => {
  test('becomes the principal with its subject, issuer, scopes and roles', async () => {
    expect(await principalFor(rig.issuer.token({ scope: 'orders:read  orders:write', roles: ['admin'] }))).toEqual({
      kind: 'user',
      subject: 'c1',
      issuer: ISSUER,
      scopes: ['orders:read', 'orders:write'],
      roles: ['admin'],
      claims: expect.objectContaining({ sub: 'c1', roles: ['admin'] }),
    });
  });

  test('keeps the digits of large integers in its claims', async () => {
    const { key, token } = rig.issuer;
    const [head = '', claims = ''] = token().split('.');
    const text = Buffer.from(claims, 'base64url').toString();
    const long = text.replace('{', '{"customer":9007199254740993,"small":7,');
    const principal = await principalFor(signed(key, Buffer.from(head, 'base64url'), long));
    expect(principal.claims).toMatchObject({ customer: '9007199254740993', small: 7, sub: 'c1' });
  });

  test('is accepted with GET, and with its scheme in any case', async () => {
    const headers = { authorization: `bEARER ${rig.issuer.token()}`, 'apollo-require-preflight': 'yes' };
    const { answer } = await exchange(rig.edge.port, bodiless('GET', '/graphql?query=%7Bprincipal%7D', headers));
    expect(JSON.parse(JSON.parse(answer?.body ?? '').data.principal)).toMatchObject({ subject: 'c1' });
  });

  test('is verified with the keys of its own issuer only', async () => {
    expect(await principalFor(rig.second.token())).toMatchObject({ issuer: SECOND });
    const crossed = rig.second.token({ iss: ISSUER });
    expect((await rig.sendRequest(`Bearer ${crossed}`)).status).toBe(401);
  });

  test('is optional: a request without one is anonymous', async () => {
    for (const absent of [undefined, '', '   ']) {
      const { status, body } = await rig.sendRequest(absent);
      expect(status).toBe(200);
      expect(JSON.parse(body.data.principal)).toEqual({ kind: 'anonymous' });
    }
  });
});

const EDGES: readonly (readonly [string, Claims])[] = [
  ['exp in one second', { exp: NOW + 1 }],
  ['iat in five seconds', { iat: NOW + 5 }],
  ['nbf in five seconds', { nbf: NOW + 5 }],
  ['no iat', { iat: undefined }],
  ['a fraction in exp', { exp: NOW + 0.5 }],
  ['aud array with the configured audience among others', { aud: ['warehouse', AUDIENCE] }],
  ['sub of 255 characters', { sub: 'c'.repeat(255) }],
  ['sub in another script', { sub: 'Łukasz·👩‍🚀' }],
  ['sub "anonymous"', { sub: 'anonymous' }],
  ['sub "__proto__"', { sub: '__proto__' }],
];

describe('values just inside the limits are accepted', () => {
  test.each(EDGES)('%s', async (_name, more) => {
    const { subject, kind } = await principalFor(rig.issuer.token(more));
    expect({ subject, kind }).toEqual({ subject: more.sub ?? 'c1', kind: 'user' });
  });

  test('a token of 8 KiB is accepted, a longer one is rejected', async () => {
    const tokens = Array.from({ length: 40 }, (_, more) => rig.issuer.token({ padding: 'x'.repeat(5_920 + more) }));
    const short = tokens.findLast(({ length }) => length <= 8_192) ?? '';
    const long = tokens.find(({ length }) => length > 8_192) ?? '';
    expect([short.length, long.length]).toEqual([expect.closeTo(8_191, -1), expect.closeTo(8_194, -1)]);
    expect(await principalFor(short)).toMatchObject({ subject: 'c1' });
    expect((await rig.sendRequest(`Bearer ${long}`)).status).toBe(401);
  });

  test.each(['AT+JWT', 'application/at+jwt'])('typ %s is accepted', async (typ) => {
    expect(await principalFor(rig.issuer.token({}, { typ }))).toMatchObject({ subject: 'c1' });
  });

  test.each([
    [{ scp: ['a', 'b', 3] }, ['a', 'b']],
    [{ scp: 'a b' }, ['a', 'b']],
    [{ scope: 'a', scp: ['b'] }, ['a']],
    [{ scope: '' }, []],
    [{ scope: { a: true } }, []],
    [{}, []],
  ])('scopes of %j', async (more, scopes) => {
    expect(await principalFor(rig.issuer.token(more))).toMatchObject({ scopes });
  });
});

describe('an unavailable issuer', () => {
  const cold = async (prepare: (issuer: TestIssuer) => void | Promise<void>) => {
    const own = await startIssuer(wallTime);
    await prepare(own);
    const authenticator = tokenAuthenticator({ issuers: [settingsOf(own)], clock: systemClock, log: silent, wallTime });
    const edge = await publicRig({}, { authenticator });
    onTestFinished(async () => {
      authenticator.close();
      await edge[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    });
    const send = async (authorization?: string) =>
      (await exchange(edge.port, post(PRINCIPAL, authorization === undefined ? {} : { authorization }))).answer;
    return { own, send };
  };

  test.each([
    ['is down', (own: TestIssuer) => own.goDown()],
    [
      'returns 500',
      (own: TestIssuer) => {
        own.answer = (response) => response.writeHead(500).end();
      },
    ],
    [
      'returns a page',
      (own: TestIssuer) => {
        own.answer = (response) => response.end('<!doctype html>');
      },
    ],
    [
      'redirects',
      (own: TestIssuer) => {
        own.answer = (response) => response.writeHead(302, { location: rig.evil.jwksUrl }).end();
      },
    ],
    [
      'publishes a megabyte',
      (own: TestIssuer) => {
        own.answer = (response) =>
          response.end(JSON.stringify({ keys: own.published, padding: 'x'.repeat(1_000_000) }));
      },
    ],
    [
      'publishes no key',
      (own: TestIssuer) => {
        own.published = [];
      },
    ],
    [
      'publishes a private key',
      (own: TestIssuer) => {
        own.published = [{ ...own.key.privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256' }];
      },
    ],
    [
      'publishes a key that is too short',
      (own: TestIssuer) => {
        const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
        own.published = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256' }];
      },
    ],
    [
      'publishes a secret',
      (own: TestIssuer) => {
        own.published = [{ kty: 'oct', k: part('s'), kid: 'k1' }];
      },
    ],
  ])('that %s causes 503 with Retry-After instead of 401, for requests with a token only', async (_how, prepare) => {
    const { own, send } = await cold(prepare);
    const answer = await send(`Bearer ${own.token()}`);
    expect(answer?.status).toBe(503);
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(answer?.headers['www-authenticate']).toBeUndefined();
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    expect(answer?.body).not.toMatch(/127\.0\.0\.1|keys|jwks/i);
    expect((await send())?.status).toBe(200);
    expect((await send('Bearer a.b.c'))?.status).toBe(401);
    expect(rig.evil.requests).toEqual([]);
  });

  test('is used again after Retry-After once it has recovered', async () => {
    const { own, send } = await cold((down) => down.goDown());
    const first = await send(`Bearer ${own.token()}`);
    await own.comeBack();
    await later(Number(first?.headers['retry-after']) * 1_000);
    expect((await send(`Bearer ${own.token()}`))?.status).toBe(200);
  });
});

test('without issuers every token is rejected, and anonymous requests are served', async () => {
  const bare = await publicRig();
  onTestFinished(() => bare[Symbol.asyncDispose]());
  const status = async (headers: Readonly<Record<string, string>>) =>
    (await exchange(bare.port, post(PRINCIPAL, headers))).answer?.status;
  expect(await status({ authorization: `Bearer ${rig.issuer.token()}` })).toBe(401);
  expect(await status({})).toBe(200);
});

test('explorer pages and preflights require no token', async () => {
  const open = await publicRig({ explorer: true, corsOrigins: ['https://shop.example'] });
  onTestFinished(() => open[Symbol.asyncDispose]());
  const headers = { authorization: 'Bearer bad', accept: 'text/html' };
  expect((await fetch(`${open.origin}/graphql`, { headers })).status).toBe(200);
  const preflight = {
    origin: 'https://shop.example',
    'access-control-request-method': 'POST',
    authorization: 'Bearer bad',
  };
  const { answer } = await exchange(open.port, bodiless('OPTIONS', '/graphql', preflight));
  expect(answer?.status).toBe(204);
  const bad = await exchange(
    open.port,
    post(PRINCIPAL, { origin: 'https://shop.example', authorization: 'Bearer bad' }),
  );
  expect(bad.answer?.headers['access-control-allow-origin']).toBe('https://shop.example');
});
