import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startSmall } from '../support/gateway/small-process.ts';
import { folderWith, moduleSource } from '../support/modules/module-folder.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';
import { startNode } from '../support/processes/processes.ts';

const Status = z.object({ documents: z.looseObject({ fault: z.string().nullable() }) });

/** Replaces a file as deployments do: by a rename. */
const replace = (path: string, text: string): void => {
  writeFileSync(`${path}.next`, text);
  renameSync(`${path}.next`, path);
};

const gatewayWith = async (manifest: string, env: Readonly<Record<string, string>> = {}) => {
  const path = join(folderWith({ 'web.json': manifest }), 'web.json');
  const gateway = await startSmall({ env: { TRUSTED_DOCUMENTS: path, ...env } });
  const byId = async (id: string): Promise<string> => {
    const search = new URLSearchParams({ documentId: id });
    const headers = { 'apollo-require-preflight': 'yes' };
    const response = await fetch(`${gateway.origin}/graphql?${search}`, { headers });
    return `${response.status} ${await response.text()}`;
  };
  const documents = async () => Status.parse(await (await fetch(`${gateway.adminOrigin}/status`)).json()).documents;
  return { ...gateway, path, byId, documents };
};

test('a changed manifest is in use without a restart; one that cannot be read changes nothing and is shown', async () => {
  const { path, byId, post, documents, metrics, output } = await gatewayWith('{"h1":"{ hello }"}');
  expect(await byId('h1')).toBe('200 {"data":{"hello":"world"}}\n');
  expect((await post('{ hello  }')).status).toBe(403);
  expect(await documents()).toEqual({ mode: 'only', documents: 1, fault: null, changes: 0 });

  replace(path, '{"h2":"{ hello }","i2":"{ items(count: 1) { id } }"}');
  await vi.waitUntil(async () => (await byId('i2')).startsWith('200'), LONG_WAIT);
  expect([(await byId('h1')).slice(0, 3), (await byId('h2')).slice(0, 3)]).toEqual(['403', '200']);

  replace(path, '{"h2":');
  await vi.waitUntil(async () => (await documents()).fault !== null, LONG_WAIT);
  expect(await documents()).toEqual({ mode: 'only', documents: 2, fault: `${path} is not JSON`, changes: 1 });
  expect((await byId('h2')).slice(0, 3)).toBe('200');

  expect(await metrics()).toMatch(/tributary_untrusted_documents_total\{[^}]*outcome="refused"[^}]*\} \d+/);
  expect(output()).toMatch(/"A document is not trusted and was refused\."/);
});

test('in the mode log each untrusted document is executed, and logged once', async () => {
  const { post, output, metrics } = await gatewayWith('{"h1":"{ hello }"}', { TRUSTED_DOCUMENTS_MODE: 'log' });
  for (let count = 0; count < 3; count += 1) expect((await post('{ hello  }')).status).toBe(200);
  await vi.waitUntil(async () => /outcome="executed"[^}]*\} 3/.test(await metrics()), LONG_WAIT);
  expect(output().split('A document is not trusted and was executed.')).toHaveLength(2);
});

test('a manifest that cannot be used stops the start, with its path and the reason', async () => {
  const folder = folderWith({ 'web.json': '[]', 'schema/small/index.ts': moduleSource('small') });
  const [web, missing] = [join(folder, 'web.json'), join(folder, 'missing.json')];
  const running = startNode('src/main.ts', [], {
    env: {
      SCHEMA_DIR: join(folder, 'schema'),
      TRUSTED_DOCUMENTS: `${web},${missing}`,
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: '0',
    },
  });
  expect((await running.ended).code).toBe(1);
  expect(running.output()).toContain(`TRUSTED_DOCUMENTS: ${web} is not a JSON object\n`);
  expect(running.output()).toContain(`TRUSTED_DOCUMENTS: ${missing} cannot be read (ENOENT)\n`);
});
