import { expect, test } from 'vitest';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { listsInUse, listValidity, parseRevocationList, unusableList } from './revocation-list.ts';

const DAY_MS = 86_400_000;
const root = TestAuthority.root('authority of "lists"');
const now = Date.now();
const listOf = (authority: TestAuthority, days: readonly [number, number]) => ({
  path: `/${days.join()}`,
  list: parseRevocationList(authority.revocationList(days)),
});
/** Hexadecimal digits of DER in a block of PEM. */
const pem = (hex: string): string =>
  `-----BEGIN X509 CRL-----\n${Buffer.from(hex, 'hex').toString('base64')}\n-----END X509 CRL-----\n`;

test('a list of openssl has its authority and its times, before and after the year 2050', () => {
  const text = root.revocationList([-1, 36_500]);
  const { pem: same, authority, validFromDate, validToDate } = parseRevocationList(text);
  expect([same, authority]).toEqual([text, 'authority of "lists"']);
  const days = [validFromDate, validToDate].map((date) => Math.round(((date?.getTime() ?? 0) - now) / DAY_MS));
  expect(days).toEqual([-1, 36_500]);
});

test('lists of two authorities differ in their keys, and two lists of one authority in their fingerprints', () => {
  const other = TestAuthority.root('other');
  const [one, later, foreign] = [listOf(root, [-2, 5]), listOf(root, [-1, 6]), listOf(other, [-2, 5])];
  expect(one.list.authorityKey).toBe(later.list.authorityKey);
  expect(new Set([one, foreign].map(({ list }) => list.authorityKey)).size).toBe(2);
  expect(new Set([one, later, foreign].map(({ list }) => list.fingerprint)).size).toBe(3);
});

test('a list without nextUpdate has no end, and a BMPString as its name', () => {
  // TBSCertList: algorithm ecdsa-with-SHA256, issuer CN=Ä, thisUpdate 260101000000Z.
  const name = '300d310b30090603550403' + '1e0200c4';
  const fields = `300a06082a8648ce3d040302${name}170d${Buffer.from('260101000000Z').toString('hex')}`;
  const signed = `30${(fields.length / 2).toString(16)}${fields}`;
  const list = parseRevocationList(pem(`30${(signed.length / 2).toString(16)}${signed}`));
  expect(list).toMatchObject({ authority: 'Ä', validFromDate: new Date('2026-01-01T00:00:00Z'), validToDate: null });
  expect(listValidity(list, Date.parse('2100-01-01'))).toBe('valid');
  expect(listValidity(list, Date.parse('2025-12-31'))).toBe('not-yet-valid');
});

test.each([
  ['without content', '3000'],
  ['that ends within an element', '30053003020101'.slice(0, -2)],
  ['with a length of its length alone', '3084'],
  ['without times', '300430023000'],
])('a list %s is refused', (_title, hex) => {
  expect(() => parseRevocationList(pem(hex))).toThrow(RangeError);
});

test('of several lists of an authority, one that is valid now is in use, however they are ordered', () => {
  const [old, fresh, longer, future] = [
    listOf(root, [-9, -1]),
    listOf(root, [-2, 5]),
    listOf(root, [-3, 9]),
    listOf(root, [1, 40]),
  ];
  for (const [held, used] of [
    [[old, fresh], fresh],
    [[fresh, old], fresh],
    [[fresh, future], fresh],
    [[future, fresh], fresh],
    [[longer, fresh], longer],
    [[fresh, longer], longer],
    [[old, future], future],
  ] as const)
    expect(listsInUse(held, now)).toEqual([used]);
});

test('the fault of an expired list has its authority and its end; a valid one next to it has none', () => {
  const [old, fresh] = [listOf(root, [-9, -1]), listOf(root, [-2, 5])];
  const end = `${old.list.validToDate?.toISOString().slice(0, 19)}Z`;
  expect(unusableList([old], now)).toEqual({
    held: old,
    fault: `has a revocation list of authority of "lists" that has expired (${end})`,
  });
  expect(unusableList([old, fresh], now)).toBeNull();
  expect(unusableList([listOf(root, [1, 9])], now)?.fault).toContain('that is not valid before ');
});
