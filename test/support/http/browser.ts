import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Reason for skipping browser tests, or null. */
export const noBrowser: string | null = existsSync(EXECUTABLE) ? null : `${EXECUTABLE} is missing`;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS, headless: true });

/** Opens a page that reaches only this machine, and records its requests to other addresses. */
export const offlineTab = async (browser: Browser): Promise<{ page: Page; external: string[] }> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const external: string[] = [];
  await page.route(
    ({ protocol, hostname }) => protocol.startsWith('http') && hostname !== '127.0.0.1',
    (route) => {
      external.push(route.request().url());
      return route.abort('internetdisconnected');
    },
  );
  return { page, external };
};
