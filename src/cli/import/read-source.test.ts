import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { readSource } from './read-source.ts';

const served = async (status: number, text: string): Promise<string> => {
  const server = createServer((_request, response) => response.writeHead(status).end(text)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://user:secret@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/openapi.yaml?key=secret`;
};

const reachable = (url: string): string => url.replace('user:secret@', '');

test('a contract at a URL is read, and named without its query', async () => {
  const url = reachable(await served(200, 'openapi: 3.1.0 # of the backend'));
  expect(await readSource(url)).toEqual({ name: url.split('?')[0], location: url, value: { openapi: '3.1.0' } });
});

test('a URL that fails is reported without its credentials', async () => {
  const url = await served(404, '');
  const failure = await readSource(reachable(url)).catch((error: Error) => error.message);
  expect(failure).toMatch(
    /openapi.yaml cannot be read: the status is 404. Download the file, and import it from there.$/,
  );
  expect(failure).not.toContain('secret');
  expect(await readSource(url).catch((error: Error) => error.message)).not.toContain('secret');
});

test('JSON and YAML are read by their content', async () => {
  expect((await readSource(reachable(await served(200, '{"openapi":"3.0.0"}')))).value).toEqual({ openapi: '3.0.0' });
});
