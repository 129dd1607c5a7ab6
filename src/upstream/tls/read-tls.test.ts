import { expect, test } from 'vitest';
import { certificateFolder } from '../../../test/support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../../test/support/certificates/test-authority.ts';
import { readTls, tlsVariables } from './read-tls.ts';
import type { TlsOptions } from './tls-options.ts';

const root = TestAuthority.root();
const issued = root.issue();
const NOW = Date.now();

const read = (variables: Readonly<Record<string, string>>, options: TlsOptions = {}) =>
  readTls(
    'SHOP_ORDERS_ENDPOINTS',
    Object.fromEntries(Object.entries(variables).map(([name, text]) => [`SHOP_ORDERS_TLS_${name}`, text])),
    options,
    NOW,
  );

test('the variables of an upstream have the name of its endpoints', () => {
  expect(tlsVariables('ORDER_DESK_PRICE_LIST_ENDPOINTS').slice(0, 3)).toEqual([
    'ORDER_DESK_PRICE_LIST_TLS_CA',
    'ORDER_DESK_PRICE_LIST_TLS_CERT',
    'ORDER_DESK_PRICE_LIST_TLS_KEY',
  ]);
});

test('without variables the options of the module apply, and TLS 1.2', async () => {
  expect((await read({})).settings).toMatchObject({
    minVersion: '1.2',
    serverName: null,
    trusted: null,
    keyPair: null,
  });
  const options = { serverName: 'a.internal', subjectAltNames: ['spiffe://a/b'], minVersion: '1.3' } as const;
  expect((await read({}, options)).settings).toMatchObject(options);
});

test('a variable replaces the option of the module', async () => {
  const options = { serverName: 'a.internal', subjectAltNames: ['spiffe://a/b'], minVersion: '1.3' } as const;
  const variables = { SERVER_NAME: 'b.internal', SUBJECT_ALT_NAMES: 'spiffe://c/d, e.internal', MIN_VERSION: '1.2' };
  expect((await read(variables, options)).settings).toMatchObject({
    serverName: 'b.internal',
    subjectAltNames: ['spiffe://c/d', 'e.internal'],
    minVersion: '1.2',
  });
});

test('files are read, and the word system adds the authorities that Node trusts', async () => {
  const { path } = certificateFolder({ ca: root.certificate, cert: issued.chain, key: issued.key });
  const files = { CERT: path('cert'), KEY: path('key') };
  const { settings, problems, warnings } = await read({ ...files, CA: `system, ${path('ca')}` });
  expect([problems, warnings]).toEqual([[], []]);
  expect(settings.trusted?.initial.pems.length).toBeGreaterThan(100);
  expect(settings.trusted?.initial.certificates).toMatchObject([{ path: path('ca') }]);
  expect(settings.keyPair?.initial.leaf.serialNumber).toBe(issued.serial);
  const own = await read({ CA: path('ca') });
  expect(own.settings.trusted?.initial.pems).toEqual([root.certificate]);
});

test('all problems are reported together, each with its variable and fix', async () => {
  const { path } = certificateFolder({ ca: 'x', cert: issued.chain, key: root.issue().key });
  const { problems } = await read({
    CA: path('ca'),
    CERT: path('cert'),
    KEY: path('key'),
    SERVER_NAME: '10.0.0.1',
    SUBJECT_ALT_NAMES: 'spiffe://shop.example/orders?x',
    MIN_VERSION: '1.1',
  });
  expect(problems).toEqual([
    `SHOP_ORDERS_TLS_CERT: ${path('cert')} is not the certificate of the key in ${path('key')}: replace one of them`,
    `SHOP_ORDERS_TLS_CA: ${path('ca')} has no certificate: use a file in PEM format`,
    'SHOP_ORDERS_TLS_SERVER_NAME: use the name of a host, as in orders.internal',
    'SHOP_ORDERS_TLS_SUBJECT_ALT_NAMES: use a SPIFFE ID such as spiffe://shop.example/orders, separated by commas',
    'SHOP_ORDERS_TLS_MIN_VERSION: must be 1.2 or 1.3',
  ]);
});

test.each([
  [{ CERT: '/cert' }, 'SHOP_ORDERS_TLS_CERT: needs SHOP_ORDERS_TLS_KEY: set it to the file with the private key'],
  [{ KEY: '/key' }, 'SHOP_ORDERS_TLS_KEY: needs SHOP_ORDERS_TLS_CERT: set it to the file with the certificate'],
  [
    { KEY_PASSPHRASE_FILE: '/p' },
    'SHOP_ORDERS_TLS_KEY_PASSPHRASE_FILE: needs SHOP_ORDERS_TLS_CERT and SHOP_ORDERS_TLS_KEY: set them',
  ],
  [{ CA: ',' }, 'SHOP_ORDERS_TLS_CA: needs at least one file, or system'],
  [{ CA: '/none' }, 'SHOP_ORDERS_TLS_CA: /none cannot be read (ENOENT)'],
  [{ CA: 'a\u200bb' }, 'SHOP_ORDERS_TLS_CA: contains a line end or another invisible character: remove it'],
  [
    { SUBJECT_ALT_NAMES: ',' },
    'SHOP_ORDERS_TLS_SUBJECT_ALT_NAMES: use a URI or the name of a host, as in spiffe://shop.example/orders or orders.internal, separated by commas',
  ],
])('%j is a problem', async (variables, problem) => {
  expect((await read(variables)).problems).toEqual([problem]);
});

test('a certificate that has expired, or expires soon, is a warning', async () => {
  const [expired, soon] = [root.issue({ days: [-9, -1] }), root.issue({ days: [-300, 9], commonName: 'gateway' })];
  const { path } = certificateFolder({ ca: root.certificate + expired.certificate, cert: soon.chain, key: soon.key });
  const { problems, warnings } = await read({ CA: path('ca'), CERT: path('cert'), KEY: path('key') });
  const time = String.raw`\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)`;
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    expect.stringMatching(
      `^SHOP_ORDERS_TLS_CERT: the certificate of gateway in ${path('cert')} expires soon ${time}. Replace it.$`,
    ),
    expect.stringMatching(
      `^SHOP_ORDERS_TLS_CA: the certificate of localhost in ${path('ca')} has expired ${time}. Replace it.$`,
    ),
  ]);
});
