import { expect, test } from 'vitest';
import { LOGIN_COOKIE } from '../../../src/auth/sessions/session-cookies.ts';
import { memorySessions } from '../../../src/auth/sessions/store/memory-sessions.ts';
import type { SessionStore } from '../../../src/auth/sessions/store/session-store.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { type CookieClient, cookieClient } from '../../support/auth/cookie-client.ts';
import { chooseAtProvider, sessionRig } from '../../support/auth/session-rig.ts';

const loginsOf = ({ cookies }: CookieClient): [string, string][] =>
  [...cookies].filter(([key]) => key.startsWith(`localhost ${LOGIN_COOKIE}`));

test('a sign-in that is begun stores nothing: a flood of them fills no store, and ends no other sign-in', async () => {
  const calls: string[] = [];
  const memory = memorySessions(systemClock);
  const store: SessionStore = new Proxy(memory, {
    get: (target, name: keyof SessionStore) => {
      calls.push(name);
      return target[name];
    },
  });
  await using rig = await sessionRig({ stores: [store] });
  for (let count = 0; count < 3; count += 1)
    expect((await cookieClient().request(`${rig.origin}/auth/login?return_to=/orders`)).status).toBe(303);
  expect(calls).toEqual([]);
});

test('two tabs of a browser both sign in', async () => {
  await using rig = await sessionRig();
  const browser = cookieClient();
  const begin = async (path: string) =>
    (await browser.request(`${rig.origin}/auth/login?return_to=${path}`)).headers.get('location') ?? '';
  const [first, second] = [await begin('/one'), await begin('/two')];
  const callback = await chooseAtProvider(browser, first);
  expect((await browser.request(callback)).headers.get('location')).toBe(`${rig.origin}/one`);
  const other = (await browser.request(second)).headers.get('location') ?? '';
  expect((await browser.request(other)).headers.get('location')).toBe(`${rig.origin}/two`);
  expect(loginsOf(browser)).toEqual([]);
});

test('return_to is bounded percent-encoded, and the cookie of the longest one is accepted by browsers', async () => {
  await using rig = await sessionRig();
  const begin = (path: string, browser = cookieClient()) =>
    browser.request(`${rig.origin}/auth/login?return_to=${encodeURIComponent(path)}`);
  expect((await begin(`/${'\u20ac'.repeat(1_700)}`)).status).toBe(400);
  const longest = '/'.padEnd(2_048 - rig.origin.length, 'x');
  expect((await begin(`${longest}x`)).status).toBe(400);
  const browser = cookieClient();
  const callback = await chooseAtProvider(browser, `${rig.origin}/auth/login?return_to=${longest}`);
  const [cookie = ''] = browser.setCookies.filter((one) => one.startsWith(LOGIN_COOKIE));
  expect(cookie.length).toBeLessThan(4_096);
  expect((await browser.request(callback)).headers.get('location')).toBe(rig.origin + longest);
});

test('sign-ins that a browser abandons do not grow its requests without bound, and the last one completes', async () => {
  await using rig = await sessionRig();
  const browser = cookieClient();
  const path = `/${'x'.repeat(1_000)}`;
  for (let count = 0; count < 30; count += 1)
    expect((await browser.request(`${rig.origin}/auth/login?return_to=${path}`)).status).toBe(303);
  expect(loginsOf(browser).length).toBeGreaterThan(2);
  expect(
    loginsOf(browser)
      .map((pair) => pair.join('='))
      .join('; ').length,
  ).toBeLessThanOrEqual(8_192);
  const callback = await chooseAtProvider(browser, `${rig.origin}/auth/login?return_to=/last`);
  expect((await browser.request(callback)).headers.get('location')).toBe(`${rig.origin}/last`);
});

test('a sign-in ends after ten minutes, and one with a changed or exchanged cookie is refused', async () => {
  await using rig = await sessionRig();
  for (const change of ['late', 'changed', 'exchanged']) {
    const browser = cookieClient();
    await browser.request(`${rig.origin}/auth/login`);
    const [[, other] = ['', '']] = loginsOf(browser);
    const callback = await chooseAtProvider(browser, `${rig.origin}/auth/login`);
    const [name, value] = loginsOf(browser).at(-1) ?? ['', ''];
    if (change === 'changed') browser.cookies.set(name, `${value.slice(0, -5)}AAAAA`);
    if (change === 'exchanged') browser.cookies.set(name, other);
    if (change === 'late') rig.advance(600_000);
    expect([change, (await browser.request(callback)).status]).toEqual([change, 400]);
  }
});
