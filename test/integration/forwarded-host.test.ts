import { expect, test } from 'vitest';
import { rawBackend } from '../support/backends/raw-backend.ts';
import { tlsServer } from '../support/backends/tls-servers.ts';
import { certificateFolder } from '../support/certificates/certificate-folder.ts';
import { TestAuthority } from '../support/certificates/test-authority.ts';
import { read, upstreamTo } from '../support/upstream/upstream-with-tls.ts';

const callFrom = (host: string) => ({ ...read(), headers: { host } });

test('calls with different hosts of clients share connections, with the server name of the endpoint', async () => {
  const root = TestAuthority.root();
  const folder = certificateFolder({ ca: root.certificate });
  const backend = await tlsServer(root.issue());
  const { upstream } = await upstreamTo(`https://localhost:${backend.port}`, { variables: { CA: folder.path('ca') } });
  for (const host of ['shop.example', 'api.example', 'shop.example', 'api.example', 'shop.example']) {
    expect(await upstream.send(callFrom(host))).toMatchObject({ status: 200 });
    expect(await upstream.send(read())).toMatchObject({ status: 200 });
  }
  expect(new Set(backend.requests.map(({ servername }) => servername))).toEqual(new Set(['localhost']));
  // Ten calls. The pool may open a second connection before the first one is free.
  expect(backend.connections()).toBeLessThanOrEqual(2);
});

test('a backend receives the host of the client, and that of its endpoint without one', async () => {
  const hosts: (string | undefined)[] = [];
  await using backend = await rawBackend(({ headers }, response) => {
    hosts.push(headers.host);
    response.setHeader('content-type', 'application/json').end('{}');
  });
  const { upstream } = await upstreamTo(backend.url, { variables: {} });
  await upstream.send(callFrom('shop.example'));
  await upstream.send(read());
  expect(hosts).toEqual(['shop.example', new URL(backend.url).host]);
});
