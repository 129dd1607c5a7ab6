import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT, startProcess } from '../support/processes/processes.ts';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);

test("the README's first commands print the README's first answer", async () => {
  const [start = '', ask = ''] = blocks('sh');
  const [answer = ''] = blocks('json');
  const [install, run] = start.trim().split(' && ');
  expect(install).toBe('npm ci'); // Already installed: this test could not run otherwise.

  const demo = startProcess('sh', ['-c', `exec ${run}`], {
    env: { PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0' },
    ownGroup: true,
  });
  onTestFinished(() => demo.stop().then(() => {}));
  const { graphql = '' } = (await demo.waitFor(/GraphQL +(?<graphql>\S+)[\s\S]*Ctrl-C/)).groups ?? {};
  const curl = ask.replace('http://localhost:4000/graphql', graphql);
  expect(curl).not.toBe(ask);
  const { stdout } = await promisify(execFile)('sh', ['-c', curl]);
  expect(JSON.parse(stdout)).toEqual(JSON.parse(answer));
});
