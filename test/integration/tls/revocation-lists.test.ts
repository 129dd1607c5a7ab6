import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { readListenersTls } from '../../../src/app/listeners/listener-tls.ts';
import { readConfig } from '../../../src/config/settings.ts';
import { certificateFolder } from '../../support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../support/certificates/test-authority.ts';
import { http2Client, secureSocket, tlsRig } from '../../support/http/tls-rig.ts';
import { LONG_WAIT } from '../../support/processes/long-wait.ts';

const identity = ({ chain: cert, key }: IssuedCertificate) => ({ cert, key });

/** A root and an intermediate authority, with two certificates of the latter. */
const authorities = () => {
  const root = TestAuthority.root('authority of clients');
  const issuer = root.intermediate('intermediate of clients');
  return { root, issuer, kept: issuer.issue({ commonName: 'kept' }), revoked: issuer.issue({ commonName: 'revoked' }) };
};

const rigWith = (root: TestAuthority, revocations: readonly string[], areRequired = true) =>
  tlsRig({ clients: { authorities: [root.certificate], areRequired, revocations } });

/** `answered`, or `closed` if the connection ends before a response. */
const outcome = async (port: number, tls: object): Promise<string> => {
  const socket = await secureSocket(port, { ALPNProtocols: ['http/1.1'], ...tls }).catch(() => null);
  if (socket === null) return 'closed';
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
  const found = await Promise.race([
    once(socket, 'data').then(() => 'answered'),
    new Promise<string>((resolve) => socket.once('close', () => resolve('closed'))),
  ]);
  socket.destroy();
  return found;
};

test.each([true, false])(
  'a revoked certificate is refused, and others are accepted; required: %s',
  async (required) => {
    const { root, issuer, kept, revoked } = authorities();
    issuer.revoke(revoked);
    await using rig = await rigWith(root, [root.revocationList(), issuer.revocationList()], required);
    expect(await outcome(rig.port, identity(kept))).toBe('answered');
    expect(await outcome(rig.port, { maxVersion: 'TLSv1.2', ...identity(kept) })).toBe('answered');
    expect(rig.warnings).toEqual([]);
    expect(await outcome(rig.port, identity(revoked))).toBe('closed');
    expect(rig.warnings).toMatchObject([
      { message: 'A connection was refused.', reason: 'revoked client certificate', subject: 'CN=revoked' },
    ]);
  },
);

test.each<[string, (parts: ReturnType<typeof authorities>) => readonly string[], string]>([
  [
    'a revoked intermediate authority',
    ({ root, issuer }) => {
      root.revoke(issuer);
      return [root.revocationList(), issuer.revocationList()];
    },
    'revoked client certificate',
  ],
  [
    'an authority without a list',
    ({ root }) => [root.revocationList()],
    'client certificate of an authority without a revocation list',
  ],
  [
    'an expired list',
    ({ root, issuer }) => [root.revocationList(), issuer.revocationList([-9, -1])],
    'client certificate of an authority with an expired revocation list',
  ],
  [
    'a list that is not valid yet',
    ({ root, issuer }) => [root.revocationList(), issuer.revocationList([1, 9])],
    'client certificate of an authority with a revocation list that is not valid yet',
  ],
])('certificates are refused below %s', async (_title, listsOf, reason) => {
  const parts = authorities();
  await using rig = await rigWith(parts.root, listsOf(parts));
  expect(await outcome(rig.port, identity(parts.kept))).toBe('closed');
  expect(rig.warnings).toMatchObject([{ reason }]);
});

test('an expired list next to a valid one of the same authority refuses no certificate', async () => {
  const { root, issuer, kept, revoked } = authorities();
  const old = issuer.revocationList([-9, -1]);
  issuer.revoke(revoked);
  await using rig = await rigWith(root, [old, root.revocationList(), issuer.revocationList()]);
  expect(await outcome(rig.port, identity(kept))).toBe('answered');
  expect(await outcome(rig.port, identity(revoked))).toBe('closed');
});

test('an expired list does not replace a valid one: certificates stay accepted, and the fault has its end', async () => {
  const { root, issuer, kept } = authorities();
  await using rig = await rigWith(root, [root.revocationList(), issuer.revocationList()]);
  rig.revoke([root.revocationList(), issuer.revocationList([-9, -1])]);
  await vi.waitUntil(() => rig.tls.clients?.authorities.fault() !== null, LONG_WAIT);
  expect(rig.tls.clients?.authorities.fault()).toContain(
    'a revocation list of intermediate of clients that has expired',
  );
  expect(await outcome(rig.port, identity(kept))).toBe('answered');
});

test('a new list: open connections end after their requests, sessions are not resumed, and the certificate is refused', async () => {
  const { root, issuer, kept, revoked } = authorities();
  await using rig = await rigWith(root, [root.revocationList(), issuer.revocationList()]);
  const http1 = await secureSocket(rig.port, { ALPNProtocols: ['http/1.1'], ...identity(revoked) });
  const http2 = await http2Client(rig.port, identity(revoked));
  const inFlight = http2.post('{ slow }');
  await rig.gateway.slowArrived();
  const tls12 = await secureSocket(rig.port, { maxVersion: 'TLSv1.2', ...identity(revoked) });
  const session = tls12.getSession();
  issuer.revoke(revoked);
  const closed = once(http1, 'close');
  rig.revoke([root.revocationList(), issuer.revocationList()]);
  await closed;
  await vi.waitUntil(() => http2.session.closed, LONG_WAIT);
  rig.gateway.answerSlow('done');
  expect(await inFlight).toMatchObject({ status: 200 });
  expect(await outcome(rig.port, { maxVersion: 'TLSv1.2', session, ...identity(revoked) })).toBe('closed');
  expect(await outcome(rig.port, identity(revoked))).toBe('closed');
  expect(await outcome(rig.port, identity(kept))).toBe('answered');
});

test('a file without a list changes nothing', async () => {
  const { root, issuer, kept, revoked } = authorities();
  issuer.revoke(revoked);
  await using rig = await rigWith(root, [root.revocationList(), issuer.revocationList()]);
  rig.revoke(['no list']);
  await vi.waitUntil(() => rig.tls.clients?.authorities.fault() !== null, LONG_WAIT);
  expect(rig.tls.clients?.authorities.fault()).toContain('has no revocation list: use a file in PEM format');
  expect(await outcome(rig.port, identity(revoked))).toBe('closed');
  expect(await outcome(rig.port, identity(kept))).toBe('answered');
});

test('a file that is no list, and a list without client certificates, are problems of the start; an expired list is a warning', async () => {
  const { root, kept } = authorities();
  const { path } = certificateFolder({
    'one.pem': kept.chain,
    'one.key': kept.key,
    'ca.pem': root.certificate,
    'old.pem': root.revocationList([-9, -1]),
    'bad.pem': '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
  });
  const problems = async (env: Readonly<Record<string, string>>) =>
    (
      await readListenersTls(
        readConfig({ TLS_CERTIFICATES: `${path('one.pem')};key=${path('one.key')}`, ...env }, []).settings,
      )
    ).problems;
  const clients = { TLS_CLIENT_CA: path('ca.pem'), TLS_CLIENT_CERTIFICATES: 'required' };
  expect(await problems({ ...clients, TLS_CLIENT_CRL: path('ca.pem') })).toEqual([
    `TLS_CLIENT_CRL: ${path('ca.pem')} has no revocation list: use a file in PEM format`,
  ]);
  expect(await problems({ ...clients, TLS_CLIENT_CRL: path('bad.pem') })).toEqual([
    `TLS_CLIENT_CRL: ${path('bad.pem')} has a revocation list that cannot be read: replace it`,
  ]);
  const warned = readConfig(
    { TLS_CERTIFICATES: `${path('one.pem')};key=${path('one.key')}`, ...clients, TLS_CLIENT_CRL: path('old.pem') },
    [],
  );
  const old = /^TLS_CLIENT_CRL: \S+old\.pem has a revocation list of authority of clients that has expired \(/;
  expect((await readListenersTls(warned.settings)).warnings).toEqual([expect.stringMatching(old)]);
  expect(await problems({ TLS_CLIENT_CRL: path('ca.pem') })).toContain(
    'TLS_CLIENT_CRL: has no effect without TLS_CLIENT_CERTIFICATES: set that to optional or required',
  );
});
