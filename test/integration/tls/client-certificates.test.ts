import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { certificateAuthenticator } from '../../../src/auth/certificates/certificate-authenticator.ts';
import { connectionCredential } from '../../../src/auth/certificates/connection-credential.ts';
import { signedIn } from '../../../src/testing/signed-in.ts';
import { trusting as trustingTokens } from '../../support/auth/authenticators.ts';
import {
  type IssuedCertificate,
  selfSignedCertificate,
  TestAuthority,
} from '../../support/certificates/test-authority.ts';
import { http2Client, secureSocket, type TlsRigOptions, tlsRig } from '../../support/http/tls-rig.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

const root = TestAuthority.root('authority of clients');
const issuer = root.intermediate('intermediate of clients');
const NAMES = ['URI:spiffe://shop/billing', 'DNS:billing.internal'];
const billing = issuer.issue({ commonName: 'billing', names: NAMES });

const authenticator = connectionCredential(
  trustingTokens((token) => signedIn({ subject: token })),
  certificateAuthenticator(() => Date.now()),
);

const rigFor = (areRequired: boolean, more: Partial<TlsRigOptions> = {}) =>
  tlsRig({ clients: { authorities: [root.certificate], areRequired }, options: { authenticator }, ...more });

const identity = ({ chain: cert, key }: IssuedCertificate) => ({ cert, key });

const PRINCIPAL = {
  kind: 'certificate',
  subject: 'CN=billing',
  issuer: 'CN=intermediate of clients',
  names: ['URI:spiffe://shop/billing', 'DNS:billing.internal'],
  scopes: [],
  roles: [],
};

const principalOver = async (port: number, tls: object, headers: Record<string, string> = {}) => {
  await using client = await http2Client(port, tls);
  const { status, body } = await client.post('{ principal }', headers);
  return status === 200 ? JSON.parse(JSON.parse(body).data.principal) : status;
};

test('the holder of a certificate is the principal, over HTTP/2 and HTTP/1.1', async () => {
  await using rig = await rigFor(true);
  expect(await principalOver(rig.port, identity(billing))).toEqual(PRINCIPAL);
  const socket = await secureSocket(rig.port, { ALPNProtocols: ['http/1.1'], ...identity(billing) });
  const body = '{"query":"{ principal }"}';
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toContain('CN=billing');
  socket.destroy();
});

test('a token is the principal if both are sent; the certificate stays that of the connection', async () => {
  await using rig = await rigFor(true);
  expect(await principalOver(rig.port, identity(billing), { authorization: 'Bearer alice' })).toMatchObject({
    kind: 'user',
    subject: 'alice',
  });
});

test('without a certificate the caller is anonymous where it is optional, and refused where it is required', async () => {
  {
    await using rig = await rigFor(false);
    expect(await principalOver(rig.port, {})).toEqual({ kind: 'anonymous' });
    expect(await principalOver(rig.port, identity(billing))).toEqual(PRINCIPAL);
  }
  await using rig = await rigFor(true);
  expect(await refusal(rig.port, {})).toBe('closed');
  expect(rig.warnings).toMatchObject([{ reason: 'no client certificate', peer: '127.0.0.1' }]);
});

/** Resolves with `closed` if the connection is closed before a response, within its handshake or after it. */
const refusal = async (port: number, tls: object): Promise<string> => {
  const socket = await secureSocket(port, { ALPNProtocols: ['http/1.1'], ...tls }).catch(() => null);
  if (socket === null) return 'closed';
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
  const outcome = await Promise.race([
    new Promise<string>((resolve) => socket.once('data', () => resolve('answered'))),
    new Promise<string>((resolve) => socket.once('close', () => resolve('closed'))),
  ]);
  socket.destroy();
  return outcome;
};

const other = TestAuthority.root('another authority');

test.each<[string, () => IssuedCertificate, string]>([
  ['expired', () => issuer.issue({ days: [-10, -1] }), 'expired client certificate'],
  ['not valid yet', () => issuer.issue({ days: [1, 10] }), 'client certificate that is not valid yet'],
  ['of an unknown authority', () => other.issue(), 'client certificate of an unknown authority'],
  ['self-signed', selfSignedCertificate, 'client certificate of an unknown authority'],
  [
    'without its intermediate one',
    () => ({ ...billing, chain: billing.certificate }),
    'client certificate of an unknown authority',
  ],
])(
  'a certificate that is %s is refused, required or optional, with a line in the log that says so',
  async (_title, made, reason) => {
    const certificate = made();
    for (const areRequired of [true, false]) {
      await using rig = await rigFor(areRequired);
      expect(await refusal(rig.port, identity(certificate))).toBe('closed');
      expect(rig.warnings).toMatchObject([{ message: 'A connection was refused.', reason, listener: 'public' }]);
      expect(rig.clients).toEqual([]);
    }
  },
);

test('a removed authority: open connections end, sessions are not resumed, and new connections are refused', async () => {
  const second = TestAuthority.root('second authority');
  const removed = second.issue({ commonName: 'removed', names: ['DNS:removed.internal'] });
  await using rig = await tlsRig({
    clients: { authorities: [root.certificate, second.certificate], areRequired: true },
    options: { authenticator },
  });
  const http1 = await secureSocket(rig.port, { ALPNProtocols: ['http/1.1'], ...identity(removed) });
  const http2 = await http2Client(rig.port, identity(removed));
  const inFlight = http2.post('{ slow }');
  await rig.gateway.slowArrived();
  const tls12 = await secureSocket(rig.port, { maxVersion: 'TLSv1.2', ...identity(removed) });
  const session = tls12.getSession();
  const closed = once(http1, 'close');
  rig.trust([root.certificate]);
  await closed;
  await vi.waitUntil(() => http2.session.closed, LONG_WAIT);
  rig.gateway.answerSlow('done');
  expect(await inFlight).toMatchObject({ status: 200 });
  expect(await refusal(rig.port, { maxVersion: 'TLSv1.2', session, ...identity(removed) })).toBe('closed');
  expect(await refusal(rig.port, identity(removed))).toBe('closed');
  expect(await refusal(rig.port, identity(billing))).toBe('answered');
  expect(rig.warnings).toMatchObject([{ reason: 'client certificate of an unknown authority', subject: 'CN=removed' }]);
});

test('a certificate that expires on an open connection is 401', async () => {
  let now = Date.now();
  const late = certificateAuthenticator(() => now);
  await using rig = await tlsRig({
    clients: { authorities: [root.certificate], areRequired: true },
    options: { authenticator: late },
  });
  await using client = await http2Client(rig.port, identity(billing));
  expect(await client.post('{ hello }')).toMatchObject({ status: 200 });
  now += 366 * 86_400_000;
  const { status, body } = await client.post('{ hello }');
  expect([status, JSON.parse(body).errors[0].message]).toEqual([401, 'The client certificate has expired.']);
});

test('headers about a certificate that a client sends do not reach the operation', async () => {
  await using rig = await rigFor(false);
  await using client = await http2Client(rig.port);
  for (const name of ['x-client-dn', 'x-client-verify', 'x-forwarded-client-cert']) {
    const { body } = await client.post(`{ header(name: "${name}") }`, { [name]: 'CN=admin' });
    expect(JSON.parse(body)).toEqual({ data: { header: null } });
  }
});
