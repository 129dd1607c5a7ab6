import { reply, scripted, signedIn, testBackend } from 'tributary/testing';
import { expect, test } from 'vitest';
import { filesModule } from '../../test/support/modules/files-module.ts';

test('a test sends a request to a route, and receives what a client would', async () => {
  const urls: string[] = [];
  const files = scripted()
    .get('/v2/files/{id}', ({ url }) => {
      urls.push(url);
      return reply({ status: 200, headers: { etag: '"a"', server: 'x' }, body: 'content' });
    })
    .post('/v2/uploads', ({ body, headers }) => `${headers['content-type']} ${body}`)
    .get('/limited', reply({ status: 404, body: 'gone' }))
    .get('/scoped', reply({ status: 503 }));
  const gateway = testBackend(filesModule, { files });
  const got = await gateway.request('GET', '/files/7?a=1');
  expect([got.status, got.text, got.headers, urls]).toEqual([200, 'content', { etag: '"a"' }, ['/v2/files/7?a=1']]);
  const headers = { 'content-type': 'text/csv' };
  expect((await gateway.request('POST', '/uploads', { headers, body: 'a,b' })).text).toBe('text/csv a,b');
  const missing = await gateway.request('GET', '/limited');
  expect([missing.status, missing.text, missing.code]).toEqual([404, 'gone', null]);
  const principal = signedIn({ scopes: ['admin'] });
  expect(await gateway.request('GET', '/scoped', { principal })).toMatchObject({
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
  });
  expect(gateway.calls.length).toBe(4);
});

test('refusals have the status and the code of a client, and make no call', async () => {
  const gateway = testBackend(filesModule, {});
  const of = async (...[method, url]: Parameters<typeof gateway.request>) => {
    const { status, code } = await gateway.request(method, url);
    return `${status} ${code}`;
  };
  expect([
    await of('GET', '/secured'),
    await of('GET', '/files/..'),
    await of('GET', '/nowhere'),
    await of('PATCH', '/files/1'),
    await of('POST', '/typed'),
    gateway.calls,
  ]).toEqual([
    '401 UNAUTHENTICATED',
    '400 BAD_REQUEST',
    '404 NOT_FOUND',
    '405 METHOD_NOT_ALLOWED',
    '415 UNSUPPORTED_MEDIA_TYPE',
    [],
  ]);
});

test('a route without a script fails the test', async () => {
  await expect(testBackend(filesModule, {}).request('GET', '/files/1')).rejects.toThrow(
    'files.files: no scripted response for GET /v2/files/{id}',
  );
});
