import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { expect, test } from 'vitest';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { serverIdentity } from './server-identity.ts';

const root = TestAuthority.root();
const SPIFFE = 'spiffe://shop.example/orders';

/** A certificate with these names, as `tls.connect` passes it to the check. */
const certificateWith = (...names: readonly string[]): PeerCertificate =>
  new X509Certificate(root.issue({ names, commonName: 'orders.internal' }).certificate).toLegacyObject();

/** Returns true if the certificate is accepted for these names; the host of the address is orders.internal. */
const isAccepted = (accepted: readonly string[], certificate: PeerCertificate): boolean =>
  serverIdentity(accepted)('orders.internal', certificate) === undefined;

test.each([
  ['the URI', [SPIFFE], [`URI:${SPIFFE}`], true],
  ['one of several', ['spiffe://shop.example/old', SPIFFE], [`URI:${SPIFFE}`], true],
  ['another path', ['spiffe://shop.example/orders/admin'], [`URI:${SPIFFE}`], false],
  ['a prefix', ['spiffe://shop.example'], [`URI:${SPIFFE}`], false],
  ['another trust domain', [SPIFFE], ['URI:spiffe://evil.example/orders'], false],
  ['a SPIFFE ID next to a second URI', [SPIFFE], [`URI:${SPIFFE}`, 'URI:https://shop.example'], false],
  ['a URI next to others', ['https://shop.example'], [`URI:${SPIFFE}`, 'URI:https://shop.example'], true],
  ['the URI as the name of a host', [SPIFFE], ['DNS:orders.internal'], false],
  ['the host of the address alone', ['other.internal'], ['DNS:orders.internal'], false],
  ['a host', ['db.internal'], ['DNS:db.internal'], true],
  ['a host of a wildcard', ['db.shop.internal'], ['DNS:*.shop.internal'], true],
  ['a host as the common name only', ['orders.internal'], [], false],
])('%s of the required names is accepted or not', (_, accepted, names, expected) => {
  expect(isAccepted(accepted, certificateWith(...names))).toBe(expected);
});

test('without required names the certificate must have the host of the address', () => {
  expect(isAccepted([], certificateWith('DNS:orders.internal'))).toBe(true);
  expect(isAccepted([], certificateWith('DNS:other.internal'))).toBe(false);
});

test('a name that contains another one is not read as two', () => {
  const certificate = { ...certificateWith(), subjectaltname: `DNS:"a, URI:${SPIFFE}", IP Address:10.0.0.1` };
  expect(isAccepted([SPIFFE], certificate)).toBe(false);
});

test('the error has the names of the certificate', () => {
  const error = serverIdentity([SPIFFE])('orders.internal', certificateWith('DNS:orders.internal'));
  expect(error).toMatchObject({
    code: 'WRONG_SUBJECT_ALT_NAME',
    message: expect.stringMatching(/none of the subjectAltNames of this upstream; it has DNS:orders\.internal$/),
  });
});
