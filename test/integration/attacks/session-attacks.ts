import { expect } from 'vitest';
import { z } from 'zod';
import { SESSION_COOKIE } from '../../../src/auth/sessions/session-cookies.ts';
import { cookieClient, OWN_SCRIPT } from '../../support/auth/cookie-client.ts';
import { chooseAtProvider, query, type SessionRig, sessionRig, signInAs } from '../../support/auth/session-rig.ts';
import { type Attack, scenario } from './attack.ts';

/** An attack on the sessions of browsers: each has a gateway and a provider of its own. */
const attack = (title: string, play: (rig: SessionRig) => Promise<void>): Attack =>
  scenario('next', title, async ({ isDirect }) => {
    await using rig = await sessionRig({ directEdge: isDirect });
    await play(rig);
  });

const Redirect = z.object({ redirect: z.string() });

const COOKIE = `localhost ${SESSION_COOKIE}`;

const OUTSIDE = [
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '/\r\nset-cookie: a=b',
  '/\t/evil.example',
  'evil.example',
  '@evil.example',
  '/auth/logout?ticket=x',
  '/auth/../auth/login',
  `/${'x'.repeat(3_000)}`,
];

/** Paths that only look like another host. */
const INSIDE = ['/.//evil.example', '/%2F%2Fevil.example', '/%5Cevil.example', '/a/..//evil.example'];

const signIns: readonly Attack[] = [
  attack('open redirect: return_to leads to this origin only', async ({ origin }) => {
    const loginTo = async (path: string) =>
      (await cookieClient().request(`${origin}/auth/login?return_to=${encodeURIComponent(path)}`)).status;
    for (const path of OUTSIDE) expect([path, await loginTo(path)]).toEqual([path, 400]);
    expect((await cookieClient().request(`${origin}/auth/login?return_to=/&return_to=//evil.example`)).status).toBe(
      400,
    );
    for (const path of INSIDE) {
      const browser = cookieClient();
      const callback = await chooseAtProvider(browser, `${origin}/auth/login?return_to=${encodeURIComponent(path)}`);
      const { headers } = await browser.request(callback);
      expect(new URL(headers.get('location') ?? '').origin).toBe(origin);
    }
  }),
  attack('login CSRF: the callback of another browser signs nobody in', async (rig) => {
    const evil = cookieClient();
    const callback = await chooseAtProvider(evil, `${rig.origin}/auth/login`, 'c2');
    const victim = cookieClient();
    expect((await victim.request(callback)).status).toBe(400);
    await victim.request(`${rig.origin}/auth/login`);
    expect((await victim.request(callback)).status).toBe(400);
    expect(victim.cookies.has(COOKIE)).toBe(false);
  }),
  attack('replay: a callback is accepted once', async (rig) => {
    const browser = cookieClient();
    const callback = await chooseAtProvider(browser, `${rig.origin}/auth/login`);
    const binding = new Map(browser.cookies);
    expect((await browser.request(callback)).status).toBe(303);
    for (const [name, value] of binding) browser.cookies.set(name, value);
    const before = await rig.callsOf('POST /token');
    expect((await browser.request(callback)).status).toBe(400);
    expect(await rig.callsOf('POST /token')).toBe(before);
  }),
  attack('mix-up: an answer with the issuer of another provider is refused before its code is sent', async (rig) => {
    for (const iss of ['https://evil.example', null]) {
      const browser = cookieClient();
      const callback = new URL(await chooseAtProvider(browser, `${rig.origin}/auth/login?return_to=/a`));
      if (iss === null) callback.searchParams.delete('iss');
      else callback.searchParams.set('iss', iss);
      const before = await rig.callsOf('POST /token');
      const answer = await browser.request(callback.href);
      expect([answer.status, answer.headers.get('location')]).toEqual([303, `${rig.origin}/a?sign_in=failed`]);
      expect(await rig.callsOf('POST /token')).toBe(before);
      expect(browser.cookies.has(COOKIE)).toBe(false);
    }
  }),
  attack('code injection: the code of another sign-in is refused', async (rig) => {
    const code = new URL(await chooseAtProvider(cookieClient(), `${rig.origin}/auth/login`, 'c2')).searchParams.get(
      'code',
    );
    const browser = cookieClient();
    const callback = new URL(await chooseAtProvider(browser, `${rig.origin}/auth/login`));
    callback.searchParams.set('code', code ?? '');
    expect((await browser.request(callback.href)).headers.get('location')).toContain('sign_in=');
    expect(browser.cookies.has(COOKIE)).toBe(false);
  }),
  attack('fixation: a sign-in renews the id, and ends the session before it', async (rig) => {
    const browser = cookieClient();
    const planted = 'A'.repeat(43);
    browser.cookies.set(COOKIE, planted);
    await signInAs(rig, 'c1', browser);
    const first = browser.cookies.get(COOKIE) ?? '';
    expect(first).not.toBe(planted);
    await signInAs(rig, 'c1', browser).catch(() => chooseAgain(rig, browser));
    expect(browser.cookies.get(COOKIE)).not.toBe(first);
    const evil = cookieClient();
    for (const id of [planted, first]) {
      evil.cookies.set(COOKIE, id);
      expect((await query(evil, rig.origin, '{ principal }')).status).toBe(401);
    }
  }),
];

/** A second sign-in, without a page of the provider: its own session is still there. */
const chooseAgain = async ({ origin }: SessionRig, browser: ReturnType<typeof cookieClient>): Promise<void> => {
  await browser.navigate(`${origin}/auth/login`);
};

const requests: readonly Attack[] = [
  attack('CSRF: a request that another page can cause does not use the session', async (rig) => {
    const { origin } = rig;
    const browser = await signInAs(rig);
    const body = JSON.stringify({ query: 'mutation { count }' });
    const json = { 'content-type': 'application/json' };
    const evil = { origin: 'https://evil.example' };
    for (const headers of [
      { ...json, ...evil, 'apollo-require-preflight': '1' },
      { ...json, origin: 'null' },
      { ...json },
      { ...json, 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await browser.request(`${origin}/graphql`, { method: 'POST', headers, body });
      expect([headers, answer.status]).toEqual([headers, 403]);
    }
    expect(rig.gateways[0]?.edge.gateway.mutations()).toBe(0);
    const get = `${origin}/graphql?query=${encodeURIComponent('{ principal }')}`;
    for (const headers of [
      { 'apollo-require-preflight': '1' },
      { 'apollo-require-preflight': '1', 'sec-fetch-site': 'cross-site' },
      { 'apollo-require-preflight': '1', ...evil },
    ])
      expect(await (await browser.request(get, { headers })).text()).toContain('anonymous');
    expect(await (await browser.request(get, { headers: OWN_SCRIPT })).text()).toContain('c1');
    for (const headers of [{}, { origin }, evil, { ...evil, 'apollo-require-preflight': '1' }])
      expect((await browser.request(`${origin}/auth/logout`, { method: 'POST', headers })).status).toBe(403);
    expect((await browser.request(`${origin}/auth/session`)).status).toBe(403);
    expect((await query(browser, origin, '{ principal }')).status).toBe(200);
  }),
  attack('a cookie and a token in one request are refused', async (rig) => {
    const browser = await signInAs(rig);
    const both = await browser.post(rig.origin, '/graphql', { query: '{ principal }' }, { authorization: 'Bearer x' });
    expect(both.status).toBe(401);
  }),
  attack('two cookies of one name are refused', async (rig) => {
    const browser = await signInAs(rig);
    const cookie = `${SESSION_COOKIE}=${browser.cookies.get(COOKIE)}; ${SESSION_COOKIE}=${'B'.repeat(43)}`;
    const two = await cookieClient().post(rig.origin, '/graphql', { query: '{ principal }' }, { cookie });
    expect(two.status).toBe(401);
  }),
  attack('a logout with two cookies of one name ends the session of each', async (rig) => {
    const [one, other] = [await signInAs(rig, 'c1'), await signInAs(rig, 'c2')];
    const cookie = [one, other].map(({ cookies }) => `${SESSION_COOKIE}=${cookies.get(COOKIE)}`).join('; ');
    const out = await cookieClient().post(rig.origin, '/auth/logout', undefined, { cookie });
    expect([out.status, out.headers.getSetCookie()]).toEqual([200, [expect.stringContaining('Max-Age=0')]]);
    for (const browser of [one, other]) expect((await query(browser, rig.origin, '{ principal }')).status).toBe(401);
  }),
  attack('a cookie after U+00A0, which any page of the site may set, is no session', async (rig) => {
    const browser = await signInAs(rig);
    const cookie = `\u00a0${SESSION_COOKIE}=${browser.cookies.get(COOKIE)}`;
    const other = await cookieClient().post(rig.origin, '/graphql', { query: '{ principal }' }, { cookie });
    expect([other.status, await other.text()]).toEqual([200, expect.stringContaining('anonymous')]);
  }),
  attack('the ticket of a logout is accepted once', async (rig) => {
    const browser = await signInAs(rig);
    const { redirect } = Redirect.parse(await (await browser.post(rig.origin, '/auth/logout')).json());
    const first = await browser.request(rig.origin + redirect);
    expect(new URL(first.headers.get('location') ?? '').searchParams.get('post_logout_redirect_uri')).toBe(
      `${rig.origin}/`,
    );
    expect((await browser.request(rig.origin + redirect)).status).toBe(400);
  }),
  attack('a logout token that the provider did not sign ends nothing', async (rig) => {
    const browser = await signInAs(rig);
    for (const token of ['', 'a.b.c', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`]) {
      const body = new URLSearchParams({ logout_token: token });
      const answer = await fetch(`${rig.origin}/auth/backchannel-logout`, { method: 'POST', body });
      expect([token, answer.status, answer.headers.get('cache-control')]).toEqual([token, 400, 'no-store']);
    }
    expect((await query(browser, rig.origin, '{ principal }')).status).toBe(200);
  }),
];

/** Attacks on the sign-in and on the sessions of browsers. */
export const sessionAttacks: readonly Attack[] = [...signIns, ...requests];
