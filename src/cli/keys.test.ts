import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/support/modules/module-folder.ts';
import { parseKeyFile, readKeyFile } from '../auth/api-keys/key-file.ts';
import { keyDigest, readKey } from '../auth/api-keys/key-text.ts';
import { runCommand } from './command/run-command.ts';
import { keysCommand } from './keys.ts';

const rig = (more: Readonly<Record<string, string>> = {}) => {
  const path = join(folderWith({}), 'keys.json');
  const env = { API_KEYS: `file:${path}`, AUDIT_LOG: 'off', ...more };
  const run = async (...args: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const context = { env, print: (text: string) => out.push(text), printError: (text: string) => err.push(text) };
    return { code: await runCommand(keysCommand, args, context), out: out.join('\n'), err: err.join('\n') };
  };
  const created = async (...args: readonly string[]) => (await run('create', '--owner', 'team', ...args)).out;
  return { path, env, run, created };
};

test('a created key is printed alone, and the store has its hash only', async () => {
  const { run, path } = rig();
  const more = ['--name', 'nightly', '--scope', 'a b', '--scope', 'c', '--role', 'admin', '--plan', 'gold'];
  const { code, out, err } = await run('create', '--owner', 'team', ...more, '--expires-in', '30d');
  const key = readKey(out);
  expect([code, key === null]).toEqual([0, false]);
  expect(err).toMatch(/^Key \w{12} of team expires at \S+Z\. Store it now/);
  const [record] = await readKeyFile(path);
  expect(record).toMatchObject({
    ...{ id: key?.id, hash: keyDigest(out).toString('base64url'), name: 'nightly', owner: 'team' },
    ...{ scopes: ['a', 'b', 'c'], roles: ['admin'], plan: 'gold', createdBy: expect.any(String) },
  });
  const days = (Date.parse(record?.expiresAt ?? '') - Date.parse(record?.createdAt ?? '')) / 86_400_000;
  expect(days).toBe(30);
  const text = readFileSync(path, 'utf8') + err;
  for (const part of [out, out.slice(17), out.slice(17, 60)]) expect(text).not.toContain(part);
});

test('the list has every key with its state, and no hash', async () => {
  const { run, created, path } = rig();
  expect((await run('list')).out).toBe('No API keys.');
  const [one = '', two = ''] = [await created('--expires-in', 'never'), await created('--not-before', '2999-01-01')];
  await run('revoke', one.slice(4, 16));
  const { out } = await run('list');
  expect(out).toMatch(/^ID +STATE +OWNER +NAME +SCOPES +ROLES +PLAN +CREATED +EXPIRES\n/);
  expect(out).toMatch(new RegExp(`^${one.slice(4, 16)} +revoked +team .* never$`, 'm'));
  expect(out).toMatch(new RegExp(`^${two.slice(4, 16)} +not-yet +team `, 'm'));
  const listed = JSON.parse((await run('list', '--json')).out);
  expect(listed).toMatchObject([{ state: 'revoked', revokedBy: expect.any(String) }, { state: 'not-yet' }]);
  const hashes = parseKeyFile(readFileSync(path, 'utf8')).map(({ hash }) => hash);
  for (const hash of hashes) expect(out + JSON.stringify(listed)).not.toContain(hash);
});

test('a key is revoked by its id, by the beginning of it, and by the whole key as found in a log', async () => {
  const { run, created } = rig();
  const keys = [await created(), await created(), await created()];
  const [one = '', two = '', three = ''] = keys;
  for (const argument of [one.slice(4, 16), two.slice(4, 12), `tby_${three.slice(4, 16)}`, three])
    expect(await run('revoke', argument)).toMatchObject({ code: 0, err: '' });
  const states = JSON.parse((await run('list', '--json')).out).map(({ state }: { readonly state: string }) => state);
  expect(states).toEqual(['revoked', 'revoked', 'revoked']);
});

test.each([
  [[], 2, 'The action is missing: use create, list, revoke'],
  [['creat'], 2, 'Unknown action creat. Did you mean create?'],
  [['list', 'x'], 2, 'Unexpected argument x.'],
  [['create'], 2, '--owner is missing'],
  [['create', '--owner', 'a\nb'], 2, '--owner must have 1 to 200 characters in one line'],
  [['create', '--owner', 'a', '--scope', 'a"b'], 2, '--scope must be visible ASCII'],
  [['create', '--owner', 'a', '--plan', 'a b'], 2, '--plan must have'],
  [['create', '--owner', 'a', '--expires-in', '0d'], 2, '--expires-in must be'],
  [['create', '--owner', 'a', '--expires-in', '1y'], 2, '--expires-in must be'],
  [['create', '--owner', 'a', '--not-before', 'soon'], 2, '--not-before must be'],
  [['create', '--owner', 'a', '--store', 'keys.json'], 2, '--store must be redis, or a file'],
  [['create', '--owner', 'a', '--store', 'redis'], 2, 'The store redis requires REDIS_URL'],
  [['revoke'], 2, 'The key is missing'],
  [['revoke', 'abc'], 2, 'The key must be an id'],
  [['revoke', 'abcd'], 1, 'No key with the id abcd.'],
])('%j ends with %i and the fix', async (args, code, message) => {
  const { run } = rig();
  const result = await run(...args);
  expect([result.code, result.out]).toEqual([code, '']);
  expect(result.err).toContain(message);
});

test('a beginning of two ids revokes none, and is listed with both', async () => {
  const { path, run, created } = rig();
  await created();
  const [record] = await readKeyFile(path);
  const ids = ['AAAAbbbb0001', 'AAAAbbbb0002'];
  writeFileSync(path, JSON.stringify({ version: 1, keys: ids.map((id) => ({ ...record, id })) }));
  expect(await run('revoke', 'AAAA')).toEqual({
    code: 1,
    out: '',
    err: `2 ids begin with AAAA: ${ids.join(', ')}. Use more characters.`,
  });
});

test('a store that is missing, broken or invalid is named, and a key is not created', async () => {
  const { path, run } = rig();
  writeFileSync(path, 'canary');
  expect(await run('create', '--owner', 'a')).toEqual({ code: 1, out: '', err: `${path} is not JSON.` });
  expect(await run('list', '--store', 'file:/absent/folder/keys.json')).toMatchObject({ code: 0, out: 'No API keys.' });
  expect(await run('create', '--owner', 'a', '--store', 'file:/absent/keys.json')).toMatchObject({
    code: 1,
    err: '/absent/keys.json cannot be read (ENOENT).',
  });
  expect((await rig({ API_KEYS: 'keys.json' }).run('list')).err).toContain(
    'API_KEYS: must be redis, or a file such as',
  );
});

test('creation and the first revocation are in the audit log, without key and hash', async () => {
  const audit = join(folderWith({}), 'audit.log');
  const { path, run, created } = rig({ AUDIT_LOG: `file:${audit}` });
  const key = await created('--name', 'nightly');
  await run('revoke', key);
  await run('revoke', key);
  const text = readFileSync(audit, 'utf8');
  const entries = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const actor = { kind: 'operator', name: expect.any(String) };
  const id = key.slice(4, 16);
  expect(entries).toMatchObject([
    { log: 'audit', event: 'key.created', outcome: 'success', actor, target: { id, owner: 'team', name: 'nightly' } },
    { log: 'audit', event: 'key.revoked', outcome: 'success', actor, target: { id, owner: 'team' } },
  ]);
  const [record] = await readKeyFile(path);
  for (const secret of [key.slice(17), record?.hash ?? '']) expect(text).not.toContain(secret);
});

test('without a file of the audit log, its line is on standard error', async () => {
  const { run } = rig({ AUDIT_LOG: 'stdout' });
  const { out, err } = await run('create', '--owner', 'team');
  expect(readKey(out)).not.toBeNull();
  expect(JSON.parse(err.split('\n')[1] ?? '')).toMatchObject({ log: 'audit', event: 'key.created' });
});

test('a key is neither created nor revoked if the file of the audit log cannot be opened', async () => {
  const { run, created, path } = rig();
  const key = await created();
  const before = readFileSync(path, 'utf8');
  const unwritable = { AUDIT_LOG: `file:${folderWith({})}` };
  const audited = rig({ ...unwritable, API_KEYS: `file:${path}` });
  for (const args of [
    ['create', '--owner', 'team'],
    ['revoke', key],
  ]) {
    const { code, out, err } = await audited.run(...args);
    expect([code === 0, out]).toEqual([false, '']);
    expect(err).toContain('cannot be opened');
  }
  expect(readFileSync(path, 'utf8')).toBe(before);
  expect((await run('revoke', key)).code).toBe(0);
});
