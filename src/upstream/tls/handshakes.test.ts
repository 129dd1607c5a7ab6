import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test, vi } from 'vitest';
import { plainServer, tlsServer } from '../../../test/support/backends/tls-servers.ts';
import {
  type IssuedCertificate,
  selfSignedCertificate,
  TestAuthority,
} from '../../../test/support/certificates/test-authority.ts';
import { callOf } from '../../../test/support/grpc/grpc-server.ts';
import { portOf } from '../../../test/support/processes/ports.ts';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf } from '../../../test/support/upstream/rest-transport.ts';
import { tlsWith } from '../../../test/support/upstream/upstream-tls.ts';
import { systemClock } from '../../core/clock.ts';
import type { UpstreamError } from '../../core/errors.ts';
import type { UpstreamEvent } from '../events.ts';
import { grpcTransport } from '../grpc/transport.ts';
import { neverProcessed } from '../outcome.ts';
import { restTransport, type Transport } from '../rest/transport.ts';
import type { HandshakeCause } from './handshake-failure.ts';

const root = TestAuthority.root();
const intermediate = root.intermediate();
const stranger = TestAuthority.root('stranger');
const good = intermediate.issue();
const client = intermediate.issue({ commonName: 'gateway' });
const OLD = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
const verifying = (version: 'TLSv1.2' | 'TLSv1.3'): ServerOptions => ({
  requestCert: true,
  rejectUnauthorized: true,
  ca: root.certificate,
  minVersion: version,
  maxVersion: version,
});

interface Peer {
  readonly certificate?: Pick<IssuedCertificate, 'chain' | 'key'>;
  readonly server?: ServerOptions;
  readonly tls?: Parameters<typeof tlsWith>[0];
}

const options = { clock: systemClock, maxResponseBytes: 1_000, connectTimeoutMs: 100_000 };

/** Sends a call to a server over each protocol. Returns the errors and the reported events. */
const failuresAt = async (
  port: number,
  settings: Parameters<typeof tlsWith>[0],
  connectTimeoutMs = options.connectTimeoutMs,
) => {
  const events: UpstreamEvent[] = [];
  const open = (of: typeof restTransport | typeof grpcTransport): Transport => {
    const transport = of({
      ...options,
      connectTimeoutMs,
      tls: tlsWith({ ca: [root.certificate], ...settings }, (e) => events.push(e)),
    });
    onTestFinished(() => transport.close());
    return transport;
  };
  const rest = open(restTransport);
  const grpc = open(grpcTransport);
  const calls = [
    () => rest.send(restCall({ endpoint: endpoint(`https://localhost:${port}`), idempotent: false })),
    () => grpc.send(callOf(endpoint(`grpcs://localhost:${port}`), 'reserve', {})),
  ];
  const errors: UpstreamError[] = [];
  for (const call of calls) errors.push(await failureOf(call()));
  return { errors, events, snapshots: [rest.tls?.snapshot(), grpc.tls?.snapshot()] };
};

const PEERS: readonly (readonly [what: string, cause: HandshakeCause, reason: RegExp, peer: () => Peer])[] = [
  ['an expired certificate', 'expired', /has expired$/, () => ({ certificate: root.issue({ days: [-9, -1] }) })],
  [
    'a certificate that is not valid yet',
    'not-yet-valid',
    /is not valid yet$/,
    () => ({ certificate: root.issue({ days: [1, 9] }) }),
  ],
  [
    'a certificate for another name',
    'wrong-name',
    /is for another name: Host: localhost\. is not in the cert's altnames: DNS:api\.example$/,
    () => ({ certificate: root.issue({ names: ['DNS:api.example'] }) }),
  ],
  [
    'a certificate of an unknown authority',
    'unknown-ca',
    /authority that is not trusted/,
    () => ({ certificate: stranger.issue() }),
  ],
  [
    'a certificate without its intermediate one',
    'unknown-ca',
    /does not send its intermediate certificates$/,
    () => ({ certificate: { chain: good.certificate, key: good.key } }),
  ],
  [
    'a chain with an unknown root',
    'unknown-ca',
    /authority that is not trusted$/,
    () => ({ certificate: { ...good, chain: good.chain + root.certificate }, tls: { ca: [stranger.certificate] } }),
  ],
  ['a self-signed certificate', 'self-signed', /is self-signed/, () => ({ certificate: selfSignedCertificate() })],
  ['TLS 1.1', 'protocol-version', /does not accept TLS 1\.2 or newer$/, () => ({ server: OLD })],
  [
    'TLS 1.2 where 1.3 is required',
    'protocol-version',
    /does not accept TLS 1\.3 or newer$/,
    () => ({ server: { maxVersion: 'TLSv1.2' }, tls: { minVersion: '1.3' } }),
  ],
  [
    'another SPIFFE ID',
    'wrong-san',
    /none of the subjectAltNames of this upstream; it has URI:spiffe:\/\/shop\.example\/stock$/,
    () => ({
      certificate: root.issue({ names: ['URI:spiffe://shop.example/stock'] }),
      tls: { subjectAltNames: ['spiffe://shop.example/orders'] },
    }),
  ],
  [
    'TLS 1.2 that requires a client certificate',
    'client-certificate-required',
    /requires a certificate of the gateway/,
    () => ({ server: verifying('TLSv1.2') }),
  ],
  [
    'TLS 1.3 that requires a client certificate',
    'client-certificate-required',
    /requires a certificate of the gateway/,
    () => ({ server: verifying('TLSv1.3') }),
  ],
  [
    'no common cipher',
    'other',
    /none of the ciphers/,
    () => ({ server: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' } }),
  ],
];

test.each(PEERS)(
  'a server with %s is refused as %s, before anything is processed',
  async (_, cause, reason, peerOf) => {
    const { certificate = good, server = {}, tls = {} } = peerOf();
    const { port, requests } = await tlsServer(certificate, { ALPNProtocols: ['h2', 'http/1.1'], ...server });
    const { errors, events, snapshots } = await failuresAt(port, tls);
    expect(requests).toEqual([]);
    const addresses = [`https://localhost:${port}`, `grpcs://localhost:${port}`];
    expect(events).toEqual(
      addresses.map((address) => ({ is: 'handshake', address, cause, reason: expect.stringMatching(reason) })),
    );
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', status: null });
      expect(error.reason).toMatch(/^TLS: /);
      expect(error.reason).toMatch(reason);
      expect(neverProcessed(error)).toBe(true);
    }
    for (const [index, snapshot] of snapshots.entries())
      expect(snapshot).toMatchObject({
        handshakeFailures: { [cause]: 1 },
        lastFailure: { address: addresses[index], cause },
      });
  },
);

test('a server without TLS is refused as such', async () => {
  const { events } = await failuresAt(await plainServer(), {});
  expect(events).toMatchObject([{ cause: 'not-tls' }, { cause: 'not-tls' }]);
});

test('a failure below TLS is no failed handshake', async () => {
  const { errors, events } = await failuresAt(1, {});
  expect(events).toEqual([]);
  const refused = { reason: expect.stringMatching(/^cannot connect \(ECONNREFUSED\)$/) };
  expect(errors).toMatchObject([refused, refused]);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a client certificate is presented over %s, and another one is refused',
  async (version) => {
    const server = { ...verifying(version), ALPNProtocols: ['http/1.1'] };
    const { port, requests } = await tlsServer(good, server);
    const send = (chain: IssuedCertificate) => {
      const transport = restTransport({ ...options, tls: tlsWith({ ca: [root.certificate], client: chain }) });
      onTestFinished(() => transport.close());
      return { transport, sent: transport.send(restCall({ endpoint: endpoint(`https://localhost:${port}`) })) };
    };
    expect(await send(client).sent).toMatchObject({ status: 200 });
    expect(requests).toEqual([{ servername: 'localhost', client: client.serial }]);
    const { transport, sent } = send(stranger.issue());
    await failureOf(sent);
    expect(requests).toHaveLength(1);
    // Node's servers close the connection without an alert.
    expect(transport.tls?.snapshot()).toMatchObject({ handshakeFailures: { closed: 1 } });
  },
);

test('the server name of the option is sent and checked, with any address', async () => {
  const { port, requests } = await tlsServer(root.issue({ names: ['DNS:orders.internal'] }));
  const tls = () => tlsWith({ ca: [root.certificate], serverName: 'orders.internal' });
  const transport = restTransport({ ...options, tls: tls() });
  onTestFinished(() => transport.close());
  for (const at of [
    endpoint(`https://127.0.0.1:${port}`),
    endpoint(`https://localhost:${port}`),
    // An address of `dns+https`.
    { ...endpoint(`https://other.invalid:${port}`), ip: '127.0.0.1' },
  ])
    expect(await transport.send(restCall({ endpoint: at }))).toMatchObject({ status: 200 });
  expect(requests.map(({ servername }) => servername)).toEqual(Array.from({ length: 3 }, () => 'orders.internal'));
});

test('HTTP/2 for REST has the same certificates and the same failures', async () => {
  const server = createSecureServer(
    { ...verifying('TLSv1.3'), cert: good.chain, key: good.key },
    (request, response) => {
      response.end(JSON.stringify({ version: request.httpVersion }));
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const at = endpoint(`https://localhost:${portOf(server)}`);
  const open = (settings: Parameters<typeof tlsWith>[0]) => {
    const tls = tlsWith({ ca: [root.certificate], ...settings });
    const transport = restTransport({ ...options, http2: true, tls });
    onTestFinished(() => transport.close());
    return transport;
  };
  expect(await open({ client }).send(restCall({ endpoint: at }))).toMatchObject({ value: { version: '2.0' } });
  const anonymous = open({});
  expect(await failureOf(anonymous.send(restCall({ endpoint: at })))).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(anonymous.tls?.snapshot()).toMatchObject({ handshakeFailures: { 'client-certificate-required': 1 } });
});

test('no connection resumes a session of TLS: each verifies the server', async () => {
  const resumed: boolean[] = [];
  const server = createHttpsServer(
    { cert: good.chain, key: good.key, maxVersion: 'TLSv1.2' },
    ({ socket }, response) => {
      if (socket instanceof TLSSocket) resumed.push(socket.isSessionReused());
      response.setHeader('connection', 'close').end('{}');
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const transport = restTransport({ ...options, tls: tlsWith({ ca: [root.certificate] }) });
  onTestFinished(() => transport.close());
  for (let sent = 0; sent < 3; sent += 1)
    await transport.send(restCall({ endpoint: endpoint(`https://localhost:${portOf(server)}`) }));
  expect(resumed).toEqual([false, false, false]);
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not turn the check off', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { port, requests } = await tlsServer(stranger.issue(), { ALPNProtocols: ['h2', 'http/1.1'] });
  const { events } = await failuresAt(port, {});
  expect(events).toMatchObject([{ cause: 'unknown-ca' }, { cause: 'unknown-ca' }]);
  expect(requests).toEqual([]);
});

test('a server that accepts connections and never answers is counted as a timeout of the handshake', async () => {
  const server = createTcpServer((socket) => socket.on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { errors, events } = await failuresAt(portOf(server), {}, 200);
  expect(events).toMatchObject([{ cause: 'timeout' }, { cause: 'timeout' }]);
  for (const error of errors) {
    expect(error.reason).toBe('TLS: the server did not complete the handshake in time');
    expect(neverProcessed(error)).toBe(true);
  }
});
