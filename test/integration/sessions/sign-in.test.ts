import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OWN_SCRIPT } from '../../support/auth/cookie-client.ts';
import { query, type SessionRig, sessionRig, signInAs } from '../../support/auth/session-rig.ts';

describe.each([
  ['direct edge', true],
  ['long way', false],
])('a browser: %s', (_way, directEdge) => {
  let rig: SessionRig;
  beforeAll(async () => {
    rig = await sessionRig({ directEdge });
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
  });

  test('signs in, queries as its user, and signs out', async () => {
    const { origin } = rig;
    const browser = await signInAs(rig, 'c3');
    const { status, data } = await query(browser, origin, '{ principal }');
    expect(status).toBe(200);
    expect(JSON.parse(String(data?.principal))).toMatchObject({
      kind: 'user',
      subject: 'c3',
      issuer: rig.provider.url,
      scopes: expect.arrayContaining(['orders:read']),
      roles: ['admin'],
    });
    const session = await browser.request(`${origin}/auth/session`, { headers: OWN_SCRIPT });
    expect(session.headers.get('cache-control')).toBe('no-store');
    expect(await session.json()).toMatchObject({ signedIn: true, subject: 'c3', claims: { name: expect.any(String) } });
    const before = new Map(browser.cookies);
    const out = await browser.post(origin, '/auth/logout');
    expect([out.status, await out.json()]).toEqual([
      200,
      { redirect: expect.stringMatching(/^\/auth\/logout\?ticket=/) },
    ]);
    expect((await query(browser, origin, '{ principal }')).data?.principal).toBe('{"kind":"anonymous"}');
    // The cookie of an ended session is useless.
    for (const [name, value] of before) browser.cookies.set(name, value);
    const replayed = await query(browser, origin, '{ principal }');
    expect([replayed.status, replayed.errors[0]?.message]).toEqual([401, 'The session has ended. Sign in again.']);
  });
});
