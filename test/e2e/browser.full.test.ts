import { createServer } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, offlineTab, openBrowser } from '../support/http/browser.ts';
import { portOf } from '../support/processes/ports.ts';
import { type RunningProcess, startNode } from '../support/processes/processes.ts';

// In CI these tests fail without a browser.
const skipped = process.env.CI ? null : noBrowser;

/** A web page of another origin than the gateway's. */
const otherOrigin = async () => {
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<p>A page.'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${portOf(server)}`, close: () => server.close() };
};

/** Result of a fetch from a script of this page. */
const askFrom = (page: Page, graphql: string): Promise<string> =>
  page.evaluate(
    (url) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ orders(first: 1) { id } }' }),
      }).then(
        (answer) => answer.text(),
        (error: Error) => `refused: ${error.message}`,
      ),
    graphql,
  );

describe.skipIf(skipped !== null)(`the demo in a browser${skipped ? ` (${skipped})` : ''}`, () => {
  let browser: Browser;
  let demo: RunningProcess;
  let graphql: string;
  let friend: Awaited<ReturnType<typeof otherOrigin>>;
  let stranger: Awaited<ReturnType<typeof otherOrigin>>;

  beforeAll(async () => {
    friend = await otherOrigin();
    stranger = await otherOrigin();
    demo = startNode('src/cli/main.ts', ['demo'], {
      env: { HOST: '127.0.0.1', PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0', CORS_ORIGINS: friend.origin },
    });
    const ready = await demo.waitFor(/GraphQL +(?<graphql>\S+)[\s\S]*Ctrl-C/);
    graphql = (ready.groups?.graphql ?? '').replace('localhost', '127.0.0.1');
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    friend?.close();
    stranger?.close();
  });

  test('the offline explorer runs OrderPage without a network', async () => {
    const { page, external } = await offlineTab(browser);
    await page.goto(graphql.replace(/graphql$/, 'graphiql'));
    await page.locator('.graphiql-execute-button').click();
    const result = page.locator('.result-window');
    await result.getByText('"o5000"').waitFor();
    await result.getByText('"errors"').waitFor({ state: 'detached' });
    expect(external).toEqual([]);
    await page.close();
  });

  test('the Sandbox page leads to the offline explorer if Sandbox cannot be loaded', async () => {
    const { page } = await offlineTab(browser);
    await page.goto(graphql);
    await page.getByRole('link', { name: 'Open the offline explorer' }).click();
    await page.locator('.graphiql-execute-button').waitFor();
    await page.close();
  });

  test('a page of an allowed origin can read answers, one of another origin cannot', async () => {
    const { page } = await offlineTab(browser);
    await page.goto(friend.origin);
    expect(JSON.parse(await askFrom(page, graphql))).toEqual({ data: { orders: [{ id: 'o5000' }] } });
    await page.goto(stranger.origin);
    expect(await askFrom(page, graphql)).toBe('refused: Failed to fetch');
    await page.close();
  });
});
