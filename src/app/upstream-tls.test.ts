import { expect, test } from 'vitest';
import { certificateFolder } from '../../test/support/certificates/certificate-folder.ts';
import { TestAuthority } from '../../test/support/certificates/test-authority.ts';
import { folderWith } from '../../test/support/modules/module-folder.ts';
import { ConfigurationError } from '../core/errors.ts';
import { prepare } from './prepare.ts';

const MODULE = `
import { defineBackend, rest } from 'tributary/backend';
export default defineBackend()({
  name: 'shop',
  typeDefs: { text: 'type Query { orders: Int }', file: import.meta.filename },
  upstreams: { orders: rest({ tls: { minVersion: '1.3' } }), stock: rest() },
  resolvers: { Query: { orders: () => 1 } },
});
`;
const root = TestAuthority.root();

const prepared = (env: Readonly<Record<string, string>>) =>
  prepare(
    {
      SCHEMA_DIR: folderWith({ 'shop/index.ts': MODULE }),
      SHOP_ORDERS_ENDPOINTS: 'https://orders.internal',
      SHOP_STOCK_ENDPOINTS: 'http://stock.internal',
      ...env,
    },
    { faultOf: async () => null },
  );

test('the settings of an upstream are those of its module and of its variables', async () => {
  const { path } = certificateFolder({ ca: root.certificate });
  const { tls, config } = await prepared({ SHOP_ORDERS_TLS_CA: path('ca'), SHOP_ORDERS_TLS_SERVER_NAME: 'a.internal' });
  expect(tls.get('shop.orders')).toMatchObject({
    minVersion: '1.3',
    serverName: 'a.internal',
    trusted: { initial: { pems: [root.certificate] } },
  });
  expect(tls.get('shop.stock')).toMatchObject({ minVersion: '1.2', trusted: null, keyPair: null });
  expect(config.warnings).toEqual([]);
});

test('problems of certificates are reported with all others', async () => {
  const problems = await prepared({ SHOP_ORDERS_TLS_CA: '/none', SHOP_STOCK_TLS_MIN_VERSION: '2', PORT: 'x' }).catch(
    (error: unknown) => (error instanceof ConfigurationError ? error.problems : [String(error)]),
  );
  expect(problems).toEqual([
    'SHOP_ORDERS_TLS_CA: /none cannot be read (ENOENT)',
    'SHOP_STOCK_TLS_MIN_VERSION: must be 1.2 or 1.3',
    expect.stringMatching(/^PORT: /),
  ]);
});

test('variables that have no effect, and mistyped ones, are warnings', async () => {
  const { path } = certificateFolder({ ca: root.certificate });
  const { config } = await prepared({ SHOP_STOCK_TLS_CA: path('ca'), SHOP_ORDERS_TLS_CERTS: path('ca') });
  expect(config.warnings).toEqual([
    'SHOP_ORDERS_TLS_CERTS is not a variable of this gateway; did you mean SHOP_ORDERS_TLS_CERT?',
    'SHOP_STOCK_TLS_CA has no effect: no endpoint of SHOP_STOCK_ENDPOINTS begins with https:// or grpcs://. Calls are sent without TLS.',
  ]);
});
