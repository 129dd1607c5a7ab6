import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SessionRig, sessionRig } from '../support/auth/session-rig.ts';
import { noBrowser, openBrowser } from '../support/http/browser.ts';

// In CI these tests fail without a browser.
const skipped = process.env.CI ? null : noBrowser;
/** Life of access tokens. Shorter than that of a logout token: the clock of the gateway alone is advanced. */
const TOKEN_S = 60;

describe.skipIf(skipped !== null)(`the life of a session in Chromium${skipped ? ` (${skipped})` : ''}`, () => {
  let browser: Browser;
  let rig: SessionRig;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    rig = await sessionRig({ tokenSeconds: TOKEN_S, config: { explorer: true } });
  });
  afterEach(() => rig[Symbol.asyncDispose]());

  const signedInPage = async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${rig.origin}/auth/login?return_to=/graphiql/account`);
    await page.getByRole('button', { name: 'c1' }).click();
    await page.waitForURL(`${rig.origin}/graphiql/account`);
    const ownCookies = async () =>
      (await context.cookies(rig.origin)).map(({ name }) => name).filter((name) => name.includes('tributary'));
    return { context, page, ownCookies };
  };

  /** Sends `count` queries at once, as a page does. Returns their distinct answers. */
  const ask = (page: Page, count = 1): Promise<readonly string[]> =>
    page.evaluate(async (number) => {
      const one = async () => {
        const answer = await fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"query":"{ principal }"}',
        });
        return `${answer.status} ${await answer.text()}`;
      };
      return [...new Set(await Promise.all(Array.from({ length: number }, one)))];
    }, count);

  const isOf = (subject: string) => [expect.stringMatching(new RegExp(`^200 .*"subject\\\\":\\\\"${subject}`))];

  test('queries of a page after the end of its access token are answered with one renewal, until its logout', async () => {
    const { context, page, ownCookies } = await signedInPage();
    expect(await ask(page)).toEqual(isOf('c1'));
    const before = await rig.callsOf('POST /token');
    for (const renewals of [1, 2]) {
      rig.advance(1_000 * TOKEN_S + 1_000);
      expect(await ask(page, 5)).toEqual(isOf('c1'));
      expect(await rig.callsOf('POST /token')).toBe(before + renewals);
    }
    expect(rig.events.map(({ is }) => is)).toEqual(['signed-in', 'refreshed', 'refreshed']);
    await page.evaluate(() => fetch('/auth/logout', { method: 'POST', headers: { 'apollo-require-preflight': '1' } }));
    expect(await ask(page)).toEqual([expect.stringContaining('anonymous')]);
    expect(await ownCookies()).toEqual([]);
    await context.close();
  });

  test('a logout by the provider ends a session with renewed tokens, and the browser drops its cookie', async () => {
    const { context, page, ownCookies } = await signedInPage();
    rig.advance(1_000 * TOKEN_S + 1_000);
    expect(await ask(page)).toEqual(isOf('c1'));
    const other = await context.newPage();
    await other.goto(`${rig.provider.url}/session/end`);
    await other.getByRole('button', { name: 'Sign out everywhere' }).click();
    await other.getByRole('heading', { name: 'Signed out' }).waitFor();
    expect(await ask(page)).toEqual([expect.stringMatching(/^401 .*The session has ended\. Sign in again\./)]);
    await page.reload();
    await page.getByText('Sign in to see them.').waitFor();
    expect(await ownCookies()).toEqual([]);
    expect(rig.events.at(-1)).toMatchObject({ is: 'signed-out', by: 'provider', subject: 'c1' });
    await context.close();
  });
});
