import { expect, onTestFinished, test, vi } from 'vitest';
import { certificateFolder } from '../../../test/support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { readKeyPair } from '../../config/certificates/key-pair.ts';
import { readTrustedCertificates } from '../../config/certificates/trusted-certificates.ts';
import { openListenerCertificates } from './listener-certificates.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const root = TestAuthority.root();

/** Both listeners with one certificate; the one for operators also has an authority of clients, with its lists. */
const opened = async (issued: IssuedCertificate, lists: readonly string[] = []) => {
  const folder = certificateFolder({
    ...{ pem: issued.chain, key: issued.key, ca: root.certificate },
    ...(lists.length > 0 && { crl: lists.join('') }),
  });
  const file = (name: string) => ({ variable: 'TLS_CERTIFICATES', path: folder.path(name) });
  const files = { certificate: file('pem'), key: file('key'), passphrase: null };
  const pairs = [{ files, initial: await readKeyPair(files) }];
  const trusted = { files: [file('ca')], withSystem: false, revocations: lists.length > 0 ? [file('crl')] : [] };
  const clients = { files: trusted, initial: await readTrustedCertificates(trusted), areRequired: true };
  const minVersion = 'TLSv1.2' as const;
  const clock = manualClock();
  const start = Date.now();
  const lines: (readonly unknown[])[] = [];
  const log = {
    warn: (message: string, { listener, to, place }: Readonly<Record<string, unknown>> = {}) =>
      void lines.push([Math.round(clock.now() / DAY_MS), listener, to ?? message, place]),
    error: () => {},
  };
  const certificates = openListenerCertificates(
    { public: { minVersion, pairs, clients: null }, admin: { minVersion, pairs, clients } },
    { clock, log, wallTime: () => start + clock.now() },
  );
  onTestFinished(() => certificates.close());
  return { certificates, clock, folder, lines };
};

test('a served certificate is reported 30, 7 and 1 day before its end, and at its end, once each and for each listener', async () => {
  const { certificates, clock, folder, lines } = await opened(root.issue({ days: [-300, 40] }));
  expect(lines).toEqual([]);
  // The files are read no sooner than in the next turn of the event loop.
  clock.advance(41 * DAY_MS);
  const place = folder.path('pem');
  const expected = [
    [10, 'expires-soon'],
    [33, 'expires-soon'],
    [39, 'expires-soon'],
    [40, 'expired'],
  ];
  for (const listener of ['public', 'admin'])
    expect(lines.filter((line) => line[1] === listener)).toEqual(
      expected.map(([day, to]) => [day, listener, to, place]),
    );
  expect(certificates.status().public.tls?.certificates.map(({ state }) => state)).toEqual(['expired']);
});

test('the status has each certificate with its use, file and serial number, and follows the files', async () => {
  const [first, next] = [root.issue({ days: [-300, 5] }), root.issue()];
  const { certificates, clock, folder, lines } = await opened(first);
  const served = {
    ...{ use: 'server', place: folder.path('pem'), serial: first.serial, state: 'expires-soon' },
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  };
  expect(certificates.status()).toMatchObject({
    public: { tls: { minVersion: 'TLSv1.2', certificates: [served], reloads: 0, fault: null } },
    admin: { tls: { certificates: [{ use: 'ca', place: folder.path('ca'), state: 'valid' }, served] } },
  });
  folder.replace('pem', next.chain);
  folder.replace('key', next.key);
  await vi.waitUntil(() => {
    clock.advance(1_000);
    return certificates.status().public.tls?.reloads === 1 && certificates.status().admin.tls?.reloads === 1;
  }, LONG_WAIT);
  expect(certificates.status().public.tls?.certificates).toMatchObject([{ serial: next.serial, state: 'valid' }]);
  const reported = lines.length;
  clock.advance(HOUR_MS);
  expect(lines.slice(reported)).toEqual([]);
});

test('a revocation list is reported before its end and once at its end, with its listener and file', async () => {
  const { clock, folder, lines } = await opened(root.issue({ days: [-1, 3_650] }), [root.revocationList([-20, 40])]);
  expect(lines).toEqual([]);
  clock.advance(60 * DAY_MS);
  const place = folder.path('crl');
  expect(lines).toEqual([
    // A third of sixty days before its end.
    [20, 'admin', 'expires-soon', place],
    [33, 'admin', 'expires-soon', place],
    [39, 'admin', 'expires-soon', place],
    [40, 'admin', 'expired', place],
  ]);
});

test('an expired list is in the status and the metrics; a valid one of the same authority takes its place', async () => {
  const [old, fresh] = [root.revocationList([-9, -1]), root.revocationList([-2, 90])];
  const { certificates, folder, lines } = await opened(root.issue(), [old]);
  const place = folder.path('crl');
  expect(lines).toEqual([[0, 'admin', 'expired', place]]);
  expect(certificates.status()).toMatchObject({
    public: { tls: { revocationLists: [] } },
    admin: { tls: { revocationLists: [{ place, authority: 'root of a test', state: 'expired' }] } },
  });
  expect(certificates.listMetrics()).toEqual([{ listener: 'admin', file: place, expiresAt: expect.any(Number) }]);
  expect(certificates.listMetrics()[0]?.expiresAt).toBeLessThan(Date.now());
  const both = await opened(root.issue(), [old, fresh]);
  expect(both.lines).toEqual([]);
  expect(both.certificates.status().admin.tls?.revocationLists).toMatchObject([{ state: 'valid' }]);
  expect(both.certificates.listMetrics()[0]?.expiresAt).toBeGreaterThan(Date.now());
});

test('a listener without TLS has no certificates in the status, and starts no timers', () => {
  const clock = manualClock();
  const log = { warn: () => {}, error: () => {} };
  const certificates = openListenerCertificates({ public: null, admin: null }, { clock, log });
  expect(certificates.status()).toEqual({ public: { tls: null }, admin: { tls: null } });
  expect(certificates.listMetrics()).toEqual([]);
  expect(clock.pending).toBe(0);
});
