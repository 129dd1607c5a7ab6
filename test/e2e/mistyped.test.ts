import { expect, onTestFinished, test } from 'vitest';
import { folderWith, moduleSource } from '../support/modules/module-folder.ts';
import { startNode } from '../support/processes/processes.ts';

test('a misspelled variable is reported at the start in one line, and an unrelated one is not', async () => {
  const gateway = startNode('src/main.ts', [], {
    env: {
      ...{ SCHEMA_DIR: folderWith({ 'a/index.ts': moduleSource('a') }), PORT: '0', ADMIN_PORT: '0', HOST: '127.0.0.1' },
      ...{ MAX_DEPHT: '5', STOCK_STOCK_ENDPOINTS: 'http://127.0.0.1:1', NODE_ENV: 'production' },
    },
  });
  onTestFinished(() => gateway.stop().then(() => {}));
  await gateway.waitFor(/Tributary is ready/);
  const warnings = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('is not a variable of this gateway'));
  expect(warnings).toEqual([
    'MAX_DEPHT is not a variable of this gateway; did you mean MAX_DEPTH?',
    'STOCK_STOCK_ENDPOINTS is not a variable of this gateway: no schema module has such an upstream.',
  ]);
});
