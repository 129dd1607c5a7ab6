import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { TestAuthority } from '../../test/support/certificates/test-authority.ts';
import { clientCertificate } from './client-certificate.ts';

/** A certificate as Node has it, with the fields that a test sets. */
const withFields = (fields: Partial<X509Certificate>): X509Certificate =>
  Object.assign(Object.create(null), {
    ...{
      subject: 'CN=a',
      issuer: 'CN=ca',
      fingerprint256: 'AB:CD',
      subjectAltName: undefined,
      validToDate: new Date(7),
    },
    ...fields,
  });

test.each([
  ['O=Shop\nCN=billing', 'CN=billing,O=Shop'],
  ['C=DE\nO=Shop\\, Inc.\nCN=a\\+b', 'CN=a\\+b,O=Shop\\, Inc.,C=DE'],
  ['CN=a + OU=b', 'CN=a+OU=b'],
  ['CN=a \\+ b', 'CN=a \\+ b'],
  ['CN=Jürgen', 'CN=J\\C3\\BCrgen'],
  ['CN=\u{1F600}', 'CN=\\F0\\9F\\98\\80'],
  ['CN=a\\ ', 'CN=a\\20'],
  ['CN=a\\0Ab', 'CN=a\\0Ab'],
  ['', ''],
])('the name %j is %s in RFC 2253, in printable ASCII', (subject, expected) => {
  const read = clientCertificate(withFields({ subject }));
  expect(read.subject).toBe(expected);
  expect(read.subject).toMatch(/^[\x20-\x7e]*$/);
});

test.each([
  ['DNS:a.example, DNS:*.b.example', ['DNS:a.example', 'DNS:*.b.example']],
  [
    'URI:spiffe://shop/billing, IP Address:10.0.0.1, email:a@b.example',
    ['URI:spiffe://shop/billing', 'IP:10.0.0.1', 'email:a@b.example'],
  ],
  ['URI:"spiffe://shop/a, DNS:admin.internal"', []],
  ['URI:"spiffe://shop/a,b", DNS:c', ['URI:spiffe://shop/a,b', 'DNS:c']],
  ['othername:<unsupported>, DNS:a, Registered ID:1.2.3', ['DNS:a']],
  ['DNS:a\\nb, DNS:c', ['DNS:a\\nb', 'DNS:c']],
  ['DNS:"a\\u0000b", DNS:"c\\"d"', ['DNS:c"d']],
  ['DNS:"unfinished', []],
  // The text is read as a whole or not at all.
  ['DNS:a, x:UPN:"b, URI:spiffe://shop/admin, c"', []],
])('the alternative names %j are %j', (subjectAltName, expected) => {
  const { names } = clientCertificate(withFields({ subjectAltName }));
  expect(names.map(({ kind, value }) => `${kind}:${value}`)).toEqual(expected);
});

test('at most 100 alternative names are read', () => {
  const subjectAltName = Array.from({ length: 500 }, (_, n) => `DNS:a${n}`).join(', ');
  expect(clientCertificate(withFields({ subjectAltName })).names).toHaveLength(100);
});

test('a certificate of openssl is read', () => {
  const { certificate } = TestAuthority.root('an authority').issue({
    commonName: 'billing',
    names: ['URI:spiffe://shop/billing', 'DNS:billing.internal', 'IP:10.0.0.1'],
  });
  expect(clientCertificate(new X509Certificate(certificate))).toEqual({
    subject: 'CN=billing',
    issuer: 'CN=an authority',
    fingerprint: expect.stringMatching(/^[\da-f]{64}$/),
    names: [
      { kind: 'URI', value: 'spiffe://shop/billing' },
      { kind: 'DNS', value: 'billing.internal' },
      { kind: 'IP', value: '10.0.0.1' },
    ],
    validTo: expect.any(Number),
  });
});
