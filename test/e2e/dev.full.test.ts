import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askForOrderPage } from '../support/gateway/order-page.ts';
import { ROOT, startNode } from '../support/processes/processes.ts';

test('a save restarts the gateway, and a mistake waits for the next save', async () => {
  const schemaDir = join(mkdtempSync(join(tmpdir(), 'schema-')), 'schema');
  onTestFinished(() => rmSync(join(schemaDir, '..'), { recursive: true }));
  cpSync(join(ROOT, 'schema'), schemaDir, { recursive: true });
  const dev = startNode('scripts/launch.js', ['src/cli/main.ts', 'dev'], {
    env: { PORT: '0', ADMIN_PORT: '0', DEMO_MOCK_PORT_BASE: '0', SCHEMA_DIR: schemaDir },
  });
  onTestFinished(() => dev.stop().then(() => {}));
  const { url = '' } = (await dev.waitFor(/GraphQL +(?<url>\S+)[\s\S]*Ctrl-C/)).groups ?? {};

  const sdl = join(schemaDir, 'catalog/schema.graphql');
  const before = readFileSync(sdl, 'utf8');
  appendFileSync(sdl, 'type Unfinished {');
  const { where = '' } = (await dev.waitFor(/(?<where>.*)\nWaiting for the next save/)).groups ?? {};
  expect(where).toContain('catalog/schema.graphql');
  expect((await askForOrderPage(url)).errors, 'the previous gateway stays in use').toEqual([]);

  writeFileSync(sdl, before.replace('(ISO 4217)', '(ISO 4217, three letters)'));
  await dev.waitFor(/Reloaded in \d+ ms\.\n/);
  expect(readFileSync(join(schemaDir, 'catalog/schema.generated.ts'), 'utf8')).toContain('(ISO 4217, three letters)');

  appendFileSync(join(schemaDir, 'catalog/index.ts'), '\nconst = 1;\n');
  await dev.waitFor(/Reloaded[\s\S]*catalog\/index\.ts[\s\S]*Waiting for the next save/);
  cpSync(join(ROOT, 'schema/catalog/index.ts'), join(schemaDir, 'catalog/index.ts'));
  await dev.waitFor(/Reloaded[\s\S]*Reloaded in \d+ ms\.\n/);
});
