import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LOGIN_COOKIE, SESSION_COOKIE } from '../../../src/auth/sessions/session-cookies.ts';
import { sessionKey } from '../../../src/auth/sessions/session-record.ts';
import { cookieClient, OWN_SCRIPT } from '../../support/auth/cookie-client.ts';
import {
  chooseAtProvider,
  endAtProvider,
  query,
  type SessionRig,
  sessionRig,
  signInAs,
} from '../../support/auth/session-rig.ts';

// Titles begin with the requirement of OAuth 2.0 for Browser-Based Applications, section 6.1 (BFF), or of RFC 9700.
describe('OAuth 2.0 for Browser-Based Applications', () => {
  let rig: SessionRig;
  beforeAll(async () => {
    rig = await sessionRig();
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
  });

  const COOKIE = `localhost ${SESSION_COOKIE}`;
  const loginUrl = async (): Promise<URL> => {
    const answer = await cookieClient().request(`${rig.origin}/auth/login`);
    return new URL(answer.headers.get('location') ?? '');
  };

  test('6.1.3.1 MUST: the gateway uses the authorization code grant, with PKCE, state and nonce', async () => {
    const [first, second] = [await loginUrl(), await loginUrl()];
    const { searchParams } = first;
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: `${rig.origin}/auth/callback`,
      code_challenge_method: 'S256',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name)?.length).toBeGreaterThanOrEqual(43);
      expect(searchParams.get(name)).not.toBe(second.searchParams.get(name));
    }
  });

  test('6.1.3.1 MUST: the gateway is a confidential client', async () => {
    await signInAs(rig);
    const { calls } = (await (await fetch(`${rig.provider.controlUrl}/__calls`)).json()) as {
      calls: { route: string; headers: Record<string, string> }[];
    };
    const requests = calls.filter(({ route }) => route === 'POST /token');
    expect(requests.length).toBeGreaterThan(0);
    for (const { headers } of requests) expect(headers.authorization).toMatch(/^Basic /);
  });

  test('6.1.3.2 MUST: every cookie is Secure and HttpOnly; SHOULD: Path=/, no Domain, __Host-, SameSite=Strict', async () => {
    const browser = await signInAs(rig);
    await browser.post(rig.origin, '/auth/logout');
    const own = browser.setCookies.filter((cookie) => cookie.includes('tributary'));
    expect(own.length).toBe(4);
    for (const cookie of own) {
      expect(cookie).toMatch(/^__Host-tributary-(session|login-[\w-]{16})=/);
      const attributes = cookie.split('; ').slice(1);
      expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'Secure', 'HttpOnly']));
      expect(cookie).not.toMatch(/domain/i);
      // The provider, another site, leads the browser to the callback, which requires the second one.
      expect(attributes).toContain(cookie.startsWith(LOGIN_COOKIE) ? 'SameSite=Lax' : 'SameSite=Strict');
      // Without one, a cookie ends with the browser.
      const life = cookie.includes('=;') ? ['Max-Age=0'] : cookie.startsWith(LOGIN_COOKIE) ? ['Max-Age=600'] : [];
      expect(attributes.filter((one) => one.startsWith('Max-Age'))).toEqual(life);
    }
  });

  test('6.1.2 the cookie is removed from requests to backends, and the access token is added', async () => {
    const browser = await signInAs(rig);
    browser.cookies.set('localhost theme', 'dark');
    const { data } = await query(
      browser,
      rig.origin,
      '{ cookie: header(name: "cookie") token: header(name: "authorization") }',
    );
    expect(data).toEqual({ cookie: 'theme=dark', token: expect.stringMatching(/^Bearer ey/) });
    browser.cookies.delete('localhost theme');
    expect((await query(browser, rig.origin, '{ header(name: "cookie") }')).data).toEqual({ header: null });
    // Without the header, the cookie does not reach a backend either.
    const read = await browser.request(`${rig.origin}/graphql?query={header(name:"cookie")}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(await read.json()).toEqual({ data: { header: null } });
  });

  test('6.1.2 no answer of the gateway has a token, and none is stored in plain text', async () => {
    const browser = await signInAs(rig);
    const { data } = await query(browser, rig.origin, '{ header(name: "authorization") }');
    const token = String(data?.header).replace('Bearer ', '');
    const session = await browser.request(`${rig.origin}/auth/session`, { headers: OWN_SCRIPT });
    const text = await session.text();
    expect(Object.keys(JSON.parse(text)).sort()).toEqual(['claims', 'expiresAt', 'idleSeconds', 'signedIn', 'subject']);
    const stored = await rig.store.touch(sessionKey(browser.cookies.get(COOKIE) ?? ''), 60_000);
    for (const place of [text, stored ?? '', ...browser.setCookies]) {
      expect(place).not.toContain(token);
      expect(place).not.toMatch(/eyJ/);
    }
    expect(stored).not.toContain(browser.cookies.get(COOKIE));
  });

  test('6.1.2.1 the check of a session is never stored by a cache', async () => {
    const answer = await cookieClient().request(`${rig.origin}/auth/session`, { headers: OWN_SCRIPT });
    expect([answer.headers.get('cache-control'), await answer.json()]).toEqual(['no-store', { signedIn: false }]);
  });

  test('6.1.2.1 no redirect of a sign-in or a logout is stored by a cache', async () => {
    const browser = cookieClient();
    const begun = await browser.request(`${rig.origin}/auth/login`);
    const callback = await browser.request(await chooseAtProvider(browser, `${rig.origin}/auth/login`));
    const { redirect } = z
      .object({ redirect: z.string() })
      .parse(await (await browser.post(rig.origin, '/auth/logout')).json());
    const logout = await browser.request(rig.origin + redirect);
    expect([begun, callback, logout].map(({ status, headers }) => [status, headers.get('cache-control')])).toEqual(
      Array.from({ length: 3 }, () => [303, 'no-store']),
    );
  });

  test('Back-Channel Logout: a request has one logout token', async () => {
    const body = 'logout_token=a&logout_token=b';
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const before = rig.events.length;
    const answer = await fetch(`${rig.origin}/auth/backchannel-logout`, { method: 'POST', headers, body });
    // Neither of them is verified.
    expect([answer.status, rig.events.length - before]).toEqual([400, 0]);
  });

  test('Back-Channel Logout: the provider ends the session of the browser, and no other', async () => {
    const [one, other] = [await signInAs(rig, 'c1'), await signInAs(rig, 'c1')];
    expect((await query(one, rig.origin, '{ principal }')).status).toBe(200);
    await endAtProvider(rig, one);
    expect(rig.events.filter(({ is }) => is === 'signed-out').at(-1)).toMatchObject({ by: 'provider', subject: 'c1' });
    expect((await query(one, rig.origin, '{ principal }')).status).toBe(401);
    expect((await query(other, rig.origin, '{ principal }')).status).toBe(200);
    const session = await one.request(`${rig.origin}/auth/session`, { headers: OWN_SCRIPT });
    expect(await session.json()).toEqual({ signedIn: false });
    expect(one.cookies.has(COOKIE)).toBe(false);
  });

  test('a session ends without a request for its idle time, and at its absolute end', async () => {
    await using own = await sessionRig({ settings: { idleS: 600, absoluteS: 1_000 } });
    const [idle, busy] = [await signInAs(own), await signInAs(own)];
    own.advance(500_000);
    expect((await query(busy, own.origin, '{ principal }')).status).toBe(200);
    own.advance(499_000);
    expect((await query(busy, own.origin, '{ principal }')).status).toBe(200);
    expect((await query(idle, own.origin, '{ principal }')).status).toBe(401);
    own.advance(2_000);
    expect((await query(busy, own.origin, '{ principal }')).status).toBe(401);
  });

  test('RFC 9700, 4.14: a refresh token that was used twice ends the session', async () => {
    const browser = await signInAs(rig);
    await query(browser, rig.origin, '{ principal }');
    // The first renewal uses the token of the sign-in; its theft is simulated by restoring the session of that time.
    const key = sessionKey(browser.cookies.get(COOKIE) ?? '');
    const before = (await rig.store.touch(key, 1_800_000)) ?? '';
    rig.advance(400_000);
    expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
    const after = (await rig.store.touch(key, 1_800_000)) ?? '';
    expect(after).not.toBe(before);
    expect(await rig.store.replace(key, after, before, 1_800_000)).toBe(true);
    rig.advance(400_000);
    expect((await query(browser, rig.origin, '{ principal }')).status).toBe(401);
    expect(rig.events.at(-1)).toMatchObject({ is: 'session-ended', reason: 'the provider answered invalid_grant' });
    expect(await rig.store.touch(key, 1_800_000)).toBe(null);
  });

  test('keys are rotated: the first encrypts, all decrypt, and a removed one ends its sessions', async () => {
    const [old, next] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];
    let text = old;
    await using own = await sessionRig({ keys: { current: () => text, reload: () => false } });
    const first = await signInAs(own);
    text = `${next},${old}`;
    const second = await signInAs(own);
    own.advance(2_000);
    expect((await query(first, own.origin, '{ principal }')).status).toBe(200);
    text = next;
    own.advance(2_000);
    expect((await query(first, own.origin, '{ principal }')).status).toBe(401);
    expect((await query(second, own.origin, '{ principal }')).status).toBe(200);
  });
});
