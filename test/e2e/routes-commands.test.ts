import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { folderWith } from '../support/modules/module-folder.ts';
import { blocksOf } from '../support/processes/doc-blocks.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { freePort } from '../support/processes/ports.ts';
import { startProcess } from '../support/processes/processes.ts';

const BLOCKS = blocksOf('docs/routes.md');
const FILE = '// scratch/raw/index.ts\n';
const MODULE = BLOCKS.find(({ text }) => text.startsWith(FILE))?.text ?? '';
const [COMMANDS = ''] = BLOCKS.flatMap(({ language, text }) => (language === 'sh' ? [text] : []));
const [REFUSED = ''] = BLOCKS.flatMap(({ language, text }) => (language === 'json' ? [text] : []));

/** Starts a command that the page runs in the background. */
const startCommand = (command: string, env: Readonly<Record<string, string>> = {}) => {
  const running = startProcess('sh', ['-c', command], { env, ownGroup: true });
  onTestFinished(async () => {
    process.kill(-running.pid, 'SIGTERM');
    await running.ended;
  });
  return running;
};

test('the commands of docs/routes.md read a product, refuse a path and list the route', async () => {
  const [mocks = '', start = '', ...requests] = COMMANDS.trimEnd().split('\n');
  expect([mocks, start.endsWith(' npm start &'), requests.length]).toEqual(['npm run mocks &', true, 3]);
  const catalog = startCommand(mocks.replace(' &', ' -- --port 0'));
  const [, url = ''] = await catalog.waitFor(/catalog listening on (\S+)/);
  const port = await freePort();
  const folder = folderWith({ 'raw/index.ts': MODULE.slice(FILE.length) });
  const command = start.replace(' &', '').replace('./scratch', folder).replace('http://127.0.0.1:4102', url);
  startCommand(command, { PORT: String(port), ADMIN_PORT: String(await freePort()) });
  const origin = `http://127.0.0.1:${port}`;
  await vi.waitUntil(async () => (await fetch(`${origin}/readyz`).catch(() => null))?.status === 200, LONG_WAIT);
  const answers: unknown[] = [];
  for (const request of requests) {
    const here = request.replace('http://127.0.0.1:4000', origin);
    expect(here).not.toBe(request);
    answers.push(JSON.parse((await promisify(execFile)('sh', ['-c', here], { timeout: 60_000 })).stdout));
  }
  expect(answers).toMatchObject([
    { name: expect.any(String) },
    { ...JSON.parse(REFUSED), requestId: expect.any(String) },
    { openapi: expect.stringMatching(/^3\.1/), paths: { '/raw/{id}': { get: { summary: 'A product.' } } } },
  ]);
});
