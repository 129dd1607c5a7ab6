import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startSmall } from '../support/gateway/small-process.ts';
import { folderWith } from '../support/modules/module-folder.ts';

const BUILDS = join(import.meta.dirname, '../fixtures/client-builds');

const run = (folder: string, command: string, ...args: readonly string[]): void => {
  execFileSync(command, args, { cwd: folder, stdio: 'pipe', env: { ...process.env, CI: 'true' } });
};

beforeAll(() => {
  // npm writes it last.
  if (existsSync(join(BUILDS, 'node_modules/.package-lock.json'))) return;
  run(BUILDS, 'npm', 'ci', '--ignore-scripts');
});

/** Lets every tool write its manifest, in a folder of its own. */
const built = (): string => {
  const folder = folderWith({ 'relay.manifest.json': '{}' });
  cpSync(BUILDS, folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  symlinkSync(join(BUILDS, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, 'relay/__generated__'));
  const tool = (name: string, ...args: readonly string[]) => run(folder, join('node_modules/.bin', name), ...args);
  tool('generate-persisted-query-manifest', '--config', 'apollo.json');
  tool('relay-compiler', 'relay.config.json');
  tool('graphql-codegen', '-c', 'codegen.json');
  return folder;
};

const Texts = z.record(z.string(), z.string());
const Operations = z.object({ operations: z.array(z.object({ id: z.string(), body: z.string() })) });

const jsonIn = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** The id of the operation that asks for items. */
const idIn = (texts: Readonly<Record<string, string>>): string =>
  Object.entries(texts).find(([, text]) => text.includes('items('))?.[0] ?? '';

test('the manifests of Apollo, Relay, GraphQL Code Generator and Hive are those of their tools', async () => {
  const folder = built();
  const [apollo, relay, codegen] = [
    join(folder, 'apollo.manifest.json'),
    join(folder, 'relay.manifest.json'),
    join(folder, 'codegen/generated/persisted-documents.json'),
  ];
  // An app deployment of Hive is made from the file of another tool.
  const hive = join(folder, 'hive.json');
  writeFileSync(hive, readFileSync(codegen));
  const gateway = await startSmall({
    env: {
      TRUSTED_DOCUMENTS: `${apollo};client=apollo,${relay};client=relay,${codegen};client=codegen,${hive};client=hive;app=shop~1.0`,
    },
  });
  const ask = async (client: string, params: Readonly<Record<string, unknown>>) => {
    const response = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'apollographql-client-name': client },
      body: JSON.stringify({ variables: { count: 1 }, ...params }),
    });
    return `${response.status} ${await response.text()}`;
  };
  const operations = Operations.parse(jsonIn(apollo)).operations.map(({ id, body }) => [id, body]);
  const sha256Hash = idIn(Object.fromEntries(operations));
  const [ofRelay, ofCodegen] = [idIn(Texts.parse(jsonIn(relay))), idIn(Texts.parse(jsonIn(codegen)))];

  expect(await ask('apollo', { extensions: { persistedQuery: { version: 1, sha256Hash } } })).toMatch(/^200 .*"text"/);
  expect(await ask('relay', { doc_id: ofRelay })).toMatch(/^200 .*"text"/);
  expect(await ask('codegen', { documentId: ofCodegen })).toMatch(/^200 .*"text"/);
  expect(await ask('codegen', { documentId: ofCodegen.replace('sha256:', '') })).toMatch(/^200 .*"text"/);
  expect(await ask('hive', { documentId: `shop~1.0~${ofCodegen}` })).toMatch(/^200 .*"text"/);

  expect(await ask('relay', { documentId: ofCodegen })).toMatch(/^403 .*DOCUMENT_NOT_TRUSTED/);
  expect(await ask('hive', { documentId: `shop~1.1~${ofCodegen}` })).toMatch(/^403 /);
  const query = '{ items(count: 1) { text } }';
  const text = createHash('sha256').update(query).digest('hex');
  expect(await ask('apollo', { query, extensions: { persistedQuery: { version: 1, sha256Hash: text } } })).toMatch(
    /^403 /,
  );
});
