import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silent } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post } from '../../../test/support/http/raw-http.ts';
import { folderWith } from '../../../test/support/modules/module-folder.ts';
import { portOf } from '../../../test/support/processes/ports.ts';
import { systemClock } from '../../core/clock.ts';
import { createRedirectListener, type RedirectListenerOptions } from './redirect-listener.ts';

const start = async (more: Partial<RedirectListenerOptions> = {}): Promise<number> => {
  const app = createRedirectListener({
    clock: systemClock,
    log: silent,
    readiness: () => true,
    port: 443,
    challenges: null,
    ...more,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  return portOf(app.server);
};

const answerTo = async (port: number, bytes: string) => {
  const { answer } = await exchange(port, bytes);
  return { status: answer?.status, location: answer?.headers.location, body: answer?.body };
};

test.each([
  ['GET', '/graphql?query={hello}', 'shop.example', 'https://shop.example/graphql?query={hello}'],
  ['HEAD', '/', 'shop.example:80', 'https://shop.example/'],
  ['GET', '//evil.test/', 'shop.example', 'https://shop.example//evil.test/'],
  ['GET', '/', '[2001:db8::1]:80', 'https://[2001:db8::1]/'],
])('%s %s of %s is redirected to %s', async (method, path, host, location) => {
  const port = await start();
  expect(await answerTo(port, bodiless(method, path, { host }))).toEqual({ status: 308, location, body: '' });
});

test('another port than 443 is part of the redirect', async () => {
  const port = await start({ port: 8443 });
  const { location } = await answerTo(port, bodiless('GET', '/a', { host: 'shop.example:8080' }));
  expect(location).toBe('https://shop.example:8443/a');
});

test.each([
  ['a POST, which would send its token in the clear twice', post('{"query":"{ hello }"}'), 400],
  ['a DELETE', bodiless('DELETE', '/'), 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an empty Host', bodiless('GET', '/', { host: '' }), 400],
  ['a Host with a path', bodiless('GET', '/', { host: 'a/b' }), 400],
  ['a Host with a user', bodiless('GET', '/', { host: 'shop.example@evil.test' }), 400],
  ['an absolute URL', bodiless('GET', 'http://evil.test/'), 400],
  ['a line feed in the URL', 'GET /a\nx: y HTTP/1.1\r\nhost: a\r\n\r\n', 505],
])('%s is not redirected', async (_title, bytes, status) => {
  const port = await start();
  const answer = await answerTo(port, bytes);
  expect([answer.status, answer.location]).toEqual([status, undefined]);
});

test('with PUBLIC_HOSTS another host is not redirected', async () => {
  const port = await start({ publicHosts: ['shop.example'] });
  expect(await answerTo(port, bodiless('GET', '/', { host: 'evil.test' }))).toMatchObject({ status: 421 });
  expect(await answerTo(port, bodiless('GET', '/', { host: 'shop.example' }))).toMatchObject({ status: 308 });
});

const CHALLENGE = '/.well-known/acme-challenge';
const challenges = (): string => {
  const folder = folderWith({
    'token_1-A': 'token_1-A.thumbprint',
    secret: 'not a challenge',
    large: 'x'.repeat(5_000),
    'folder/file': 'x',
    '.hidden': 'x',
  });
  symlinkSync('/etc/passwd', join(folder, 'link'));
  return folder;
};

test('the file of a challenge is its response; every other path below is 404, and is not redirected', async () => {
  const port = await start({ challenges: join(challenges()) });
  const path = (name: string) => bodiless('GET', `${CHALLENGE}/${name}`, { host: 'shop.example' });
  expect(await answerTo(port, path('token_1-A'))).toEqual({
    status: 200,
    location: undefined,
    body: 'token_1-A.thumbprint',
  });
  for (const name of [
    ...['absent', 'link', 'large', 'folder', '.hidden', '%2e%2e', '..%2fsecret', '%2e%2e%2f%2e%2e%2fetc%2fpasswd'],
    ...['..%5csecret', 'token_1-A%00', '%2Fetc%2Fpasswd'],
  ])
    expect([name, (await answerTo(port, path(name))).status]).toEqual([name, 404]);
});

test('without a folder, the path of challenges is redirected', async () => {
  const port = await start();
  expect(await answerTo(port, bodiless('GET', `${CHALLENGE}/token`, { host: 'a' }))).toMatchObject({ status: 308 });
});
