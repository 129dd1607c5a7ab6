import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { startRecorder } from '../../../../test/support/http/recorder.ts';
import { importInto, PACKAGE } from '../../../../test/support/modules/import-into.ts';
import { testFolder } from '../../codegen/test-folder.ts';

test.each([
  ["curl 'https://a.example", 'a quote is not closed'],
  ['curl -s', 'has no URL'],
  ['curl https://a.example https://b.example', 'has more than one URL'],
  ['curl ftp://a.example', 'it begins with http:// or https://'],
  ['curl https://a.example --proxy canary', 'The curl option --proxy is not supported'],
  ['curl https://a.example -X', 'The curl option -X has no value'],
  ['curl -X TRACE https://a.example', 'The method TRACE cannot be imported'],
  ['curl https://a.example -u canary', '-u has no password: use -u user:password'],
  ['curl https://a.example -b canary.txt', '-b names a file: write the cookies as name=value'],
  ["curl https://a.example -H 'canary'", "A -H of the curl command is not valid: use 'name: value'"],
  ['curl https://a.example -F canary', 'A -F of the curl command is not valid'],
  ['curl https://a.example -d @missing.json', 'missing.json is not a file'],
  ['curl "https://a.example/users/{id}"', 'The URL of the curl command has {id}: replace it with the value'],
  ['curl https://a.example -H "authorization: …"', 'The header authorization of the curl command has …'],
  ['curl https://a.example -d …', 'The data of the curl command has …'],
])('%s is rejected before anything is sent', async (command, message) => {
  const failure = await importInto(testFolder(PACKAGE), command).catch((error: Error) => error.message);
  expect(failure).toContain(message);
  expect(failure).not.toContain('canary');
});

const redirect = (location: string) => (_: unknown, response: ServerResponse) =>
  void response.writeHead(302, { location }).end();

test.each<[string, Parameters<typeof startRecorder>[0], string, string]>([
  [
    'a status other than 2xx',
    (_, response) => void response.writeHead(401).end('canary'),
    '',
    'the status is 401. Correct the command',
  ],
  ['a redirect', redirect('/other'), '', 'redirects: use the address of the redirect, or -L for a GET'],
  [
    'a redirect to another origin',
    redirect('http://127.0.0.1:1/other'),
    '-L',
    'another host would receive the headers',
  ],
  ['endless redirects', redirect('/again'), '-L', 'redirects: more than 5 times'],
  [
    'an answer above 8 MiB',
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(8 * 1024 * 1024 + 1)),
    '',
    'has more than 8 MiB',
  ],
])('%s ends the import, and nothing is written', async (_, answer, options, message) => {
  const { url } = await startRecorder(answer);
  const folder = testFolder(PACKAGE);
  const failure = await importInto(folder, `curl ${options} ${url}/users?token=canary`).catch(
    (error: Error) => error.message,
  );
  expect(failure).toContain(message);
  expect(failure).not.toContain('canary');
  expect(existsSync(join(folder, 'schema'))).toBe(false);
});

test('a redirect within the origin is followed with -L', async () => {
  const { url, requests } = await startRecorder(({ url: path }, response) =>
    path === '/users/7' ? { id: 7 } : redirect('/users/7')(path, response),
  );
  await importInto(testFolder(PACKAGE), `curl -L ${url}/old`, { name: 'shop' });
  expect(requests.map((request) => request.url)).toEqual(['/old', '/users/7']);
});

test('a server that does not answer ends the import at the deadline', async () => {
  const clock = manualClock();
  const { url } = await startRecorder(() => clock.advance(30_000));
  const failure = await importInto(testFolder(PACKAGE), `curl ${url}/users`, {}, { clock }).catch(String);
  expect(failure).toContain('/users cannot be read: no answer in 30 s.');
  expect(clock.pending).toBe(0);
});
