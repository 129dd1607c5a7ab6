import { expect, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post } from '../../../test/support/http/raw-http.ts';

const HELLO = '{"query":"{ hello }"}';
const OTHER = { headers: {}, status: 421, code: 'BAD_REQUEST' };

const statusOf = async (port: number, bytes: string): Promise<number | undefined> => {
  const { answer } = await exchange(port, bytes);
  if (answer?.status === OTHER.status) expect(JSON.parse(answer.body).errors[0].extensions.code).toBe(OTHER.code);
  return answer?.status;
};

test.each([
  ['a public host', post(HELLO, { host: 'shop.example' }), 200],
  ['a public host with a port, in capitals', post(HELLO, { host: 'SHOP.example:8443' }), 200],
  ['another host', post(HELLO, { host: 'evil.test' }), 421],
  ['an empty host', post(HELLO, { host: '' }), 421],
  [
    'another host in an absolute URL',
    post(HELLO, { host: 'shop.example' }).replace('/graphql', 'http://evil.test/graphql'),
    421,
  ],
  [
    'a public host in an absolute URL',
    post(HELLO, { host: 'evil.test' }).replace('/graphql', 'http://shop.example/graphql'),
    200,
  ],
  ['another host in X-Forwarded-Host', post(HELLO, { host: 'shop.example', 'x-forwarded-host': 'evil.test' }), 200],
  ['a public host in X-Forwarded-Host', post(HELLO, { host: 'evil.test', 'x-forwarded-host': 'shop.example' }), 421],
  ['another host, without a route', bodiless('GET', '/nowhere', { host: 'evil.test' }), 421],
  ['a probe for another host', bodiless('GET', '/readyz', { host: '10.0.0.7' }), 200],
])('with PUBLIC_HOSTS=shop.example, %s has the status %d', async (_title, ...rest) => {
  const [bytes, status] = rest;
  await using rig = await publicRig({ publicHosts: ['shop.example'] });
  expect(await statusOf(rig.port, bytes)).toBe(status);
});

test('behind a trusted proxy the host is that of X-Forwarded-Host', async () => {
  await using rig = await publicRig({ publicHosts: ['shop.example'], trustedProxies: ['127.0.0.1'] });
  const forwardedAs = (host: string) =>
    statusOf(rig.port, post(HELLO, { host: 'gateway', 'x-forwarded-for': '203.0.113.9', 'x-forwarded-host': host }));
  expect(await forwardedAs('shop.example')).toBe(200);
  expect(await forwardedAs('shop.example, evil.test')).toBe(421);
});
