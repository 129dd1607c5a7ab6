import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { noProxies, startTcpHaproxy } from '../../support/backends/proxies.ts';
import type { IssuedCertificate } from '../../support/certificates/test-authority.ts';
import { http2Client, secureSocket, serverAuthority, tlsRig, trusting } from '../../support/http/tls-rig.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

const { issuer } = serverAuthority();

const serialOf = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber;

const named = (...names: readonly string[]): IssuedCertificate =>
  issuer.issue({ commonName: names[0] ?? '', names: names.map((name) => `DNS:${name}`) });

test('the name that a client sends chooses the certificate; without one, or with another one, it is the first', async () => {
  const served = {
    first: issuer.issue(),
    shop: named('shop.example', '*.shop.example'),
    rsa: issuer.issue({ algorithm: 'rsa', commonName: 'rsa.example', names: ['DNS:rsa.example'] }),
  };
  await using rig = await tlsRig({ served });
  const serialFor = async (servername: string) => {
    const socket = await secureSocket(rig.port, { servername, checkServerIdentity: () => undefined });
    const serial = serialOf(socket);
    socket.destroy();
    return serial;
  };
  expect(await serialFor('')).toBe(served.first.serial);
  expect(await serialFor('localhost')).toBe(served.first.serial);
  expect(await serialFor('other.example')).toBe(served.first.serial);
  expect(await serialFor('shop.example')).toBe(served.shop.serial);
  expect(await serialFor('SHOP.example')).toBe(served.shop.serial);
  expect(await serialFor('api.shop.example')).toBe(served.shop.serial);
  expect(await serialFor('a.b.shop.example')).toBe(served.first.serial);
  expect(await serialFor('rsa.example')).toBe(served.rsa.serial);
});

test('TLS 1.1 is refused, with the reason in the log, and TLS 1.2 with TLS_MIN_VERSION=1.3', async () => {
  const refusedWith = async (minVersion: 'TLSv1.2' | 'TLSv1.3', version: 'TLSv1.1' | 'TLSv1.2') => {
    await using rig = await tlsRig({ minVersion });
    const versions = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(secureSocket(rig.port, versions)).rejects.toThrow(/protocol version|PROTOCOL_VERSION/i);
    await vi.waitUntil(() => rig.warnings.length > 0, LONG_WAIT);
    expect(rig.warnings).toMatchObject([{ reason: 'TLS version that is not accepted' }]);
  };
  await refusedWith('TLSv1.2', 'TLSv1.1');
  await refusedWith('TLSv1.3', 'TLSv1.2');
});

/** Posts over a connection of its own. Resolves with the serial number of the certificate. */
const postOnce = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = requestHttps({ port, path: '/graphql', method: 'POST', headers, agent: false, ...trusting() });
    sent.on('error', reject).on('response', (response) => {
      const serial = serialOf(response.socket as TLSSocket);
      response
        .resume()
        .on('end', () =>
          response.statusCode === 200 ? resolve(serial) : reject(new Error(`status ${response.statusCode}`)),
        );
    });
    sent.end('{"query":"{ hello }"}');
  });

test('certificates are replaced five times under load: no request fails, and new connections have the new serial', async () => {
  await using rig = await tlsRig();
  await using kept = await http2Client(rig.port);
  const seen = new Set<string>();
  let ended = false;
  let requests = 0;
  const load = Array.from({ length: 4 }, async (_, n) => {
    while (!ended) {
      if (n === 0) expect(await kept.post('{ hello }')).toMatchObject({ status: 200 });
      else seen.add(await postOnce(rig.port));
      requests += 1;
    }
  });
  const replaced: string[] = [];
  for (let n = 0; n < 5; n += 1) {
    const next = issuer.issue();
    rig.serve('one', next);
    replaced.push(next.serial);
    await vi.waitUntil(() => seen.has(next.serial), LONG_WAIT);
  }
  ended = true;
  await Promise.all(load);
  expect([...seen].slice(-5)).toEqual(replaced);
  expect(requests).toBeGreaterThan(50);
  expect([rig.errors, rig.warnings]).toEqual([[], []]);
});

test('a session of replaced certificates is not resumed', async () => {
  await using rig = await tlsRig();
  const socket = await secureSocket(rig.port, { maxVersion: 'TLSv1.2' });
  const session = socket.getSession();
  socket.destroy();
  const isReused = async () => {
    const again = await secureSocket(rig.port, { maxVersion: 'TLSv1.2', session });
    const reused = again.isSessionReused();
    again.destroy();
    return reused;
  };
  expect(await isReused()).toBe(true);
  rig.serve('one', issuer.issue());
  await vi.waitUntil(async () => !(await isReused()), LONG_WAIT);
});

test('Strict-Transport-Security is sent over TLS alone, and behind a proxy with X-Forwarded-Proto: https', async () => {
  const hsts = 'max-age=31536000; includeSubDomains';
  await using rig = await tlsRig({ config: { hsts } });
  await using client = await http2Client(rig.port);
  expect((await client.request({ ':path': '/livez' })).headers['strict-transport-security']).toBe(hsts);
  expect((await client.request({ ':path': '/nope' })).headers['strict-transport-security']).toBe(hsts);
});

test('other hosts than those of PUBLIC_HOSTS are 421 over HTTP/2; a Host that differs from :authority is 400', async () => {
  await using rig = await tlsRig({ config: { publicHosts: ['localhost'] } });
  await using client = await http2Client(rig.port);
  const statusFor = async (headers: Record<string, string>) =>
    (
      await client.request(
        { ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json', ...headers },
        '{"query":"{ hello }"}',
      )
    ).status;
  expect(await statusFor({ ':authority': 'localhost:8443' })).toBe(200);
  expect(await statusFor({ ':authority': 'evil.test' })).toBe(421);
  expect(await statusFor({ ':authority': 'localhost', host: 'evil.test' })).toBe(400);
  expect(await statusFor({ ':authority': 'localhost', host: 'localhost' })).toBe(200);
});

test.skipIf(noProxies).each(['send-proxy', 'send-proxy-v2'])(
  'a %s header of HAProxy comes before TLS, for both versions of HTTP',
  async (option) => {
    await using rig = await tlsRig({ config: { proxyProtocol: ['127.0.0.1'] } });
    await using proxy = await startTcpHaproxy(rig.port, option);
    const session = connectHttp2(`https://127.0.0.1:${proxy.port}`, trusting({ localAddress: '127.0.0.7' }));
    const status = await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({ ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json' });
      stream.on('response', (headers) => resolve(headers[':status'])).resume();
      stream.end('{"query":"{ hello }"}');
    });
    session.destroy();
    const socket = await secureSocket(proxy.port, { localAddress: '127.0.0.8' });
    socket.write('GET /nope HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await vi.waitUntil(() => rig.clients.length === 2, LONG_WAIT);
    socket.destroy();
    expect([status, rig.clients.toSorted()]).toEqual([200, ['127.0.0.7', '127.0.0.8']]);
  },
);
