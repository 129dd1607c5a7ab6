import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, openBrowser } from '../support/http/browser.ts';
import { freePort } from '../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

// In CI these tests fail without a browser.
const skipped = process.env.CI ? null : noBrowser;

/** A JWT in any text. Access tokens and ID tokens of the provider are JWTs; its refresh tokens have 43 characters. */
const JWT = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

describe.skipIf(skipped !== null)(`the sign-in of the demo in Chromium${skipped ? ` (${skipped})` : ''}`, () => {
  let browser: Browser;
  let demo: RunningProcess;
  let origin: string;
  let provider: string;

  beforeAll(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    demo = startNode('src/cli/main.ts', ['demo'], {
      env: { HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0' },
    });
    const ready = await demo.waitFor(/login +(?<login>\S+)[\s\S]*Ctrl-C/);
    provider = ready.groups?.login ?? '';
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** A page of a fresh browser, with everything that the gateway sent to it. */
  const openPage = async () => {
    const context = await browser.newContext({ viewport: { width: 1_000, height: 760 } });
    const page = await context.newPage();
    const received: string[] = [];
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('response', (response) => {
      if (!response.url().startsWith(origin)) return;
      void Promise.all([response.allHeaders(), response.text().catch(() => '')]).then(([headers, text]) => {
        received.push(`${response.url()} ${JSON.stringify(headers)} ${text}`);
      });
    });
    return { context, page, received, problems };
  };

  const signIn = async (page: Page): Promise<void> => {
    await page.goto(`${origin}/graphiql/account`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'c1' }).click();
    await page.getByRole('heading', { name: /^Orders of / }).waitFor();
  };

  /** Runs a query as the page does. Returns the status and the body. */
  const ask = (page: Page): Promise<string> =>
    page.evaluate(async () => {
      const answer = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ me { id } }"}',
      });
      return `${answer.status} ${await answer.text()}`;
    });

  test('a customer signs in, sees the own orders, and signs out; no token reaches the page', async () => {
    const { context, page, received, problems } = await openPage();
    await page.goto(`${origin}/graphiql/account`);
    await page.getByText('Sign in to see them.').waitFor();
    await signIn(page);
    expect(page.url()).toBe(`${origin}/graphiql/account`);
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
    const cookies = (await context.cookies(origin)).filter(({ name }) => name.includes('tributary'));
    expect(cookies).toEqual([
      expect.objectContaining({
        name: '__Host-tributary-session',
        domain: 'localhost',
        path: '/',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        expires: -1,
      }),
    ]);
    expect(await page.evaluate('document.cookie')).not.toContain('tributary');
    expect(await ask(page)).toContain('200 {"data":{"me":{"id":"c1"}}}');
    const before = received.length;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.waitForURL(`${origin}/graphql`);
    await page.goto(`${origin}/graphiql/account`);
    await page.getByText('Sign in to see them.').waitFor();
    expect(await ask(page)).toContain('UNAUTHENTICATED');
    expect(before).toBeGreaterThan(5);
    // The redirect to the provider's logout has the ID token as a hint. No script can read it.
    const withToken = received.filter((one) => JWT.test(one));
    expect(withToken.map((one) => one.split('?')[0])).toEqual([`${origin}/auth/logout`]);
    expect(problems.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([]);
    await context.close();
  });

  test('a logout at the provider ends the session of the page', async () => {
    const { context, page } = await openPage();
    await signIn(page);
    const other = await context.newPage();
    await other.goto(`${provider}/session/end`);
    await other.getByRole('button', { name: 'Sign out everywhere' }).click();
    await other.getByRole('heading', { name: 'Signed out' }).waitFor();
    expect(await ask(page)).toContain('The session has ended. Sign in again.');
    await page.reload();
    await page.getByText('Sign in to see them.').waitFor();
    expect((await context.cookies(origin)).filter(({ name }) => name.includes('tributary'))).toEqual([]);
    await context.close();
  });
});
