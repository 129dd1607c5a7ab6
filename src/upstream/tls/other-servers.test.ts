import { once } from 'node:events';
import { createServer } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { tlsServer } from '../../../test/support/backends/tls-servers.ts';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { portOf } from '../../../test/support/processes/ports.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';
import { tlsWith } from '../../../test/support/upstream/upstream-tls.ts';

const root = TestAuthority.root();
const client = root.issue();
const spiffe = root.issue({ commonName: 'orders', names: ['URI:spiffe://shop.example/orders'] });
const OPTIONAL = { requestCert: true, rejectUnauthorized: false };

/** A server with a SPIFFE ID that redirects to this port of localhost. */
const redirecting = async (to: number): Promise<number> => {
  const server = createServer({ cert: spiffe.chain, key: spiffe.key, ...OPTIONAL }, (_, response) =>
    response.writeHead(302, { location: `https://localhost:${to}/moved` }).end(),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return portOf(server);
};

const transportTo = (port: number) =>
  transportWith({
    tls: tlsWith({
      ca: [root.certificate],
      client,
      subjectAltNames: ['spiffe://shop.example/orders'],
      serverName: 'orders',
    }),
    redirects: { max: 1, origins: [`https://localhost:${port}`] },
  });

test('a redirect to another origin is followed without the client certificate and the names of the upstream', async () => {
  const other = await tlsServer(root.issue(), OPTIONAL);
  const at = endpoint(`https://127.0.0.1:${await redirecting(other.port)}`);
  expect(await transportTo(other.port).send(restCall({ endpoint: at }))).toMatchObject({ status: 200 });
  expect(other.requests).toEqual([{ servername: 'localhost', client: undefined }]);
});

test('the host of a redirect must be in its certificate', async () => {
  const other = await tlsServer(spiffe, OPTIONAL);
  const at = endpoint(`https://127.0.0.1:${await redirecting(other.port)}`);
  const transport = transportTo(other.port);
  expect(await failureOf(transport.send(restCall({ endpoint: at })))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(transport.tls?.snapshot()).toMatchObject({
    handshakeFailures: { 'wrong-name': 1 },
    lastFailure: { address: `https://localhost:${other.port}` },
  });
});
