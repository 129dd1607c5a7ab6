import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { certificateFolder, mountedSecret } from '../../../test/support/certificates/certificate-folder.ts';
import { type IssuedCertificate, TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { readKeyPair } from './key-pair.ts';
import { readTrustedCertificates } from './trusted-certificates.ts';
import { type CertificateEvent, watchKeyPair, watchTrustedCertificates } from './watch-certificates.ts';

const root = TestAuthority.root();
const [first, second] = [root.issue(), root.issue()];
const NAMES = { certificate: 'tls.crt', key: 'tls.key' };
const textsOf = ({ chain, key }: IssuedCertificate) => ({ [NAMES.certificate]: chain, [NAMES.key]: key });

/** Follows the key pair of these files on a manual clock. */
const following = async ({ path }: { path(file: string): string }, now = Date.now) => {
  const files = {
    certificate: { variable: 'CERT', path: path(NAMES.certificate) },
    key: { variable: 'KEY', path: path(NAMES.key) },
    passphrase: null,
  };
  const clock = manualClock();
  const events: CertificateEvent[] = [];
  const report = (event: CertificateEvent) => events.push(event);
  const watched = watchKeyPair(files, await readKeyPair(files), { clock, wallTime: now, report });
  onTestFinished(() => watched.close());
  const serials = [watched.current().leaf.serialNumber];
  watched.onChange(({ leaf }) => serials.push(leaf.serialNumber));
  /** Lets checks run until the condition holds. */
  const until = (condition: () => boolean) =>
    vi.waitUntil(() => {
      if (condition()) return true;
      clock.advance(1_000);
      return false;
    }, LONG_WAIT);
  return { watched, events, serials, until, clock, files };
};

const RELOADED = { is: 'reloaded', variable: 'CERT', file: expect.any(String) };

test('a certificate and its key that are replaced one after the other are used together, without a warning', async () => {
  const folder = certificateFolder(textsOf(first));
  const { watched, events, serials, until } = await following(folder);
  folder.replace(NAMES.certificate, second.chain);
  await until(() => watched.fault() !== null);
  expect(watched.fault()).toBe(
    `${folder.path(NAMES.certificate)} is not the certificate of the key in ${folder.path(NAMES.key)}: replace one of them`,
  );
  expect(watched.current().leaf.serialNumber).toBe(first.serial);
  folder.replace(NAMES.key, second.key);
  await until(() => serials.length > 1);
  expect([serials, watched.fault(), events]).toEqual([[first.serial, second.serial], null, [RELOADED]]);
});

test('the swapped link of a mounted secret replaces certificate and key', async () => {
  const secret = mountedSecret(textsOf(first));
  const { serials, events, until } = await following(secret);
  secret.swap(textsOf(second));
  await until(() => serials.length > 1);
  secret.swap(textsOf(first));
  await until(() => serials.length > 2);
  expect([serials, events]).toEqual([
    [first.serial, second.serial, first.serial],
    [RELOADED, RELOADED],
  ]);
});

test('a link that is swapped further up in the path replaces certificate and key', async () => {
  const folder = certificateFolder({
    'one/tls.crt': first.chain,
    'one/tls.key': first.key,
    'two/tls.crt': second.chain,
    'two/tls.key': second.key,
  });
  symlinkSync('one', folder.path('current'));
  const { serials, events, until } = await following({ path: (file) => folder.path(`current/${file}`) });
  symlinkSync('two', folder.path('next'));
  renameSync(folder.path('next'), folder.path('current'));
  await until(() => serials.length > 1);
  expect([serials, events]).toEqual([[first.serial, second.serial], [RELOADED]]);
});

test('files that remain invalid are reported once, and the last certificate stays in use', async () => {
  const folder = certificateFolder(textsOf(first));
  const { watched, events, serials, until, clock } = await following(folder);
  folder.replace(NAMES.certificate, 'not a certificate');
  await until(() => events.length > 0);
  const file = folder.path(NAMES.certificate);
  const reason = `${file} has no certificate: use a file in PEM format`;
  expect(events).toEqual([{ is: 'invalid', variable: 'CERT', file, reason }]);
  rmSync(folder.path(NAMES.key));
  const missing = `${folder.path(NAMES.key)} cannot be read (ENOENT)`;
  await until(() => watched.fault() === missing);
  clock.advance(60_000);
  expect([events.length, watched.current().leaf.serialNumber]).toEqual([1, first.serial]);
  // In place, as editors and cp do.
  writeFileSync(folder.path(NAMES.certificate), second.chain);
  writeFileSync(folder.path(NAMES.key), second.key);
  await until(() => serials.length > 1);
  expect(events.slice(1)).toEqual([RELOADED]);
});

test('a certificate that is not valid now replaces none that is, and is used once it is valid', async () => {
  const folder = certificateFolder(textsOf(first));
  let now = Date.now();
  const { watched, events, serials, until } = await following(folder, () => now);
  const late = root.issue({ days: [10, 20] });
  folder.replace(NAMES.certificate, late.chain);
  folder.replace(NAMES.key, late.key);
  await until(() => events.length > 0);
  expect(watched.fault()).toMatch(
    /^\/\S+ is not valid before \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: use one that is valid now$/,
  );
  now += 11 * 86_400_000;
  await until(() => serials.length > 1);
  expect(serials).toEqual([first.serial, late.serial]);
});

test('an authority that is removed from its file is no longer trusted; an empty file changes nothing', async () => {
  const [one, other] = [TestAuthority.root('one'), TestAuthority.root('other')];
  const folder = certificateFolder({ ca: one.certificate + other.certificate });
  const files = [{ variable: 'CA', path: folder.path('ca') }] as const;
  const clock = manualClock();
  const events: CertificateEvent[] = [];
  const trusted = { files, withSystem: false };
  const watched = watchTrustedCertificates(trusted, await readTrustedCertificates(trusted), {
    clock,
    report: (event) => events.push(event),
  });
  onTestFinished(() => watched.close());
  const until = (condition: () => boolean) =>
    vi.waitUntil(() => {
      clock.advance(1_000);
      return condition();
    }, LONG_WAIT);
  folder.replace('ca', other.certificate);
  await until(() => watched.changes() === 1);
  expect(watched.current().pems).toEqual([other.certificate]);
  folder.replace('ca', '\n');
  await until(() => events.length === 2);
  expect([watched.current().pems, events.map(({ is }) => is)]).toEqual([[other.certificate], ['reloaded', 'invalid']]);
});

test('a file whose authorities have all expired does not replace one that is valid, and the reason is reported', async () => {
  const folder = certificateFolder({ ca: root.certificate });
  const clock = manualClock();
  const events: CertificateEvent[] = [];
  const trusted = { files: [{ variable: 'CA', path: folder.path('ca') }], withSystem: false };
  const report = (event: CertificateEvent) => events.push(event);
  const watched = watchTrustedCertificates(trusted, await readTrustedCertificates(trusted), { clock, report });
  onTestFinished(() => watched.close());
  const expired = TestAuthority.root('expired', [-10, -1]);
  folder.replace('ca', expired.certificate);
  await vi.waitUntil(() => {
    clock.advance(1_000);
    return events.length > 0;
  }, LONG_WAIT);
  expect(watched.current().pems).toEqual([root.certificate]);
  expect(events).toMatchObject([
    { is: 'invalid', reason: expect.stringMatching(/has expired \(.*\): use an authority that is valid now$/) },
  ]);
});

test('an expired revocation list does not replace one that is valid now, and a later valid one does', async () => {
  const valid = root.revocationList([-2, 5]);
  const folder = certificateFolder({ ca: root.certificate, crl: valid });
  const clock = manualClock();
  const events: CertificateEvent[] = [];
  const file = (name: string) => ({ variable: 'CA', path: folder.path(name) });
  const trusted = { files: [file('ca')], withSystem: false, revocations: [file('crl')] };
  const report = (event: CertificateEvent) => events.push(event);
  const watched = watchTrustedCertificates(trusted, await readTrustedCertificates(trusted), { clock, report });
  onTestFinished(() => watched.close());
  const until = (condition: () => boolean) =>
    vi.waitUntil(() => {
      clock.advance(1_000);
      return condition();
    }, LONG_WAIT);
  folder.replace('crl', root.revocationList([-9, -1]));
  await until(() => events.length > 0);
  const path = folder.path('crl');
  const reason = new RegExp(
    `^${path} has a revocation list of root of a test that has expired \\(.*\\): use one that is`,
  );
  expect(events).toEqual([expect.objectContaining({ is: 'invalid', reason: expect.stringMatching(reason) })]);
  expect(watched.current().revocations).toMatchObject([{ list: { pem: valid.trimEnd() } }]);
  const later = root.revocationList([-1, 9]);
  folder.replace('crl', later);
  await until(() => watched.changes() === 1);
  expect([watched.fault(), watched.current().revocations]).toMatchObject([null, [{ list: { pem: later.trimEnd() } }]]);
});

test('after close nothing is checked', async () => {
  const folder = certificateFolder(textsOf(first));
  const { watched, clock, until } = await following(folder);
  await until(() => clock.untilNext === 10_000);
  watched.close();
  expect(clock.pending).toBe(0);
});
