import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, offlineTab, openBrowser } from '../../../test/support/http/browser.ts';
import { exampleQuery, type PublicRig, publicRig } from '../../../test/support/http/public-rig.ts';

// With CI set, the tests run, and fail without a browser.
const skipped = process.env.CI ? null : noBrowser;

describe.skipIf(skipped !== null)(
  `explorer pages in a browser without internet${skipped ? ` (${skipped})` : ''}`,
  () => {
    let browser: Browser;
    let rig: PublicRig;
    beforeAll(async () => {
      rig = await publicRig({ explorer: true });
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser?.close();
      await rig?.[Symbol.asyncDispose]();
    });

    test('the Sandbox page reports that Sandbox cannot be loaded, and links to GraphiQL', async () => {
      const { page, external } = await offlineTab(browser);
      await page.goto(`${rig.origin}/graphql`);
      await page.getByRole('heading', { name: 'Apollo Sandbox cannot be loaded' }).waitFor();
      expect(external).toEqual([
        'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js',
      ]);
      await page.getByRole('link', { name: 'Open the offline explorer' }).click();
      await page.waitForURL(`${rig.origin}/graphiql`);
      await page.close();
    });

    test('a Sandbox that does not load within four seconds counts as unavailable', async () => {
      const { page } = await offlineTab(browser);
      const asked = Promise.withResolvers<void>();
      await page.route('https://embeddable-sandbox.cdn.apollographql.com/**', () => asked.resolve());
      await page.clock.install();
      await page.goto(`${rig.origin}/graphql`, { waitUntil: 'commit' });
      await asked.promise;
      const notice = page.getByRole('heading', { name: 'Apollo Sandbox cannot be loaded' });
      expect(await notice.isVisible()).toBe(false);
      await page.clock.fastForward(4_000);
      await notice.waitFor();
      await page.close();
    });

    test('a loaded Sandbox starts with this gateway and the example', async () => {
      const { page } = await offlineTab(browser);
      await page.route('https://embeddable-sandbox.cdn.apollographql.com/**', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: 'window.EmbeddedSandbox = class { constructor(options) { window.started = options; } };',
        }),
      );
      await page.goto(`${rig.origin}/graphql`);
      const started = await page.waitForFunction('window.started');
      expect(await started.jsonValue()).toMatchObject({
        initialEndpoint: `${rig.origin}/graphql`,
        initialState: { document: exampleQuery },
        includeCookies: false,
      });
      expect(await page.getByRole('heading', { name: 'cannot be loaded' }).isVisible()).toBe(false);
      await page.close();
    });

    test('GraphiQL runs the example without any external request', async () => {
      const { page, external } = await offlineTab(browser);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (/Content.Security.Policy/i.test(message.text())) problems.push(message.text());
      });
      await page.goto(`${rig.origin}/graphiql`);
      await page.locator('.graphiql-execute-button').click();
      await page.locator('.result-window').getByText('PAID').waitFor();
      expect(external).toEqual([]);
      expect(problems).toEqual([]);
      await page.close();
    });
  },
);
