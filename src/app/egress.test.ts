import { defineBackend, graphql, grpc, rest } from 'tributary/backend';
import { expect, test } from 'vitest';
import { typeDefs } from '../../test/support/modules/small-modules.ts';
import { upstreamSettings } from '../backend/define/upstream-settings.ts';
import { constantText } from '../config/secrets/secret-store.ts';
import { readConfig } from '../config/settings.ts';
import { egressProblems } from './egress.ts';

const shop = defineBackend<never>()({
  name: 'shop',
  typeDefs: typeDefs('type Query { a: Int }'),
  upstreams: {
    direct: rest({ egress: false }),
    german: rest({ egress: { labels: { country: 'de' } } }),
    stock: grpc({ proto: './stock.proto', service: 'stock.v1.Stock' }),
    usual: rest(),
  },
  resolvers: { Query: { a: () => 1 } },
});

const problemsWith = (env: Readonly<Record<string, string>>) => egressProblems([shop], readConfig(env, []).settings);

test('an upstream with egress requires EGRESS_PROXIES', () => {
  expect(problemsWith({})).toEqual([
    'EGRESS_PROXIES: is required by egress of shop.german: set it to the proxies, or to their file',
  ]);
  expect(problemsWith({ HTTPS_PROXY: 'http://a:1' })).toHaveLength(1);
});

test('an upstream requires a proxy with its labels', () => {
  expect(problemsWith({ EGRESS_PROXIES: 'http://u:geheim@a:1;labels=country:fr' })).toEqual([
    'EGRESS_PROXIES: no proxy has the labels country:de of egress of shop.german: add one',
  ]);
  expect(problemsWith({ EGRESS_PROXIES: 'http://u:geheim@a:1;labels=country:de+kind:x' })).toEqual([]);
});

test('a file of proxies that cannot be read is a problem', () => {
  expect(problemsWith({ EGRESS_PROXIES: 'file:/nowhere/proxies' })).toEqual([
    'EGRESS_PROXIES: /nowhere/proxies cannot be read (ENOENT)',
  ]);
});

test('the names in lower case are read, and take precedence', () => {
  const { settings } = readConfig({ HTTPS_PROXY: 'http://upper:1', https_proxy: 'lower:2', no_proxy: '.svc' }, []);
  expect([settings.HTTPS_PROXY?.name, settings.NO_PROXY]).toEqual(['lower:2', ['.svc']]);
});

const CHOICE = { labels: { country: 'de' }, rotate: 'sticky' } as const;

test.each([
  ['GraphQL', graphql({ schema: './reviews.graphql', egress: CHOICE })],
  ['gRPC', grpc({ proto: './reviews.proto', service: 'reviews.v1.Reviews', egress: CHOICE })],
])('a %s upstream is called through its egress proxies as a REST upstream is', (_protocol, definition) => {
  const { egress } = upstreamSettings({ module: shop, name: 'reviews', definition }, [], () => constantText(''));
  expect(egress).toEqual({ labels: { country: 'de' }, rotate: 'sticky' });
  const reviews = { ...shop, upstreams: { reviews: definition } };
  const { settings } = readConfig({}, []);
  expect(egressProblems([reviews], settings).join()).toContain('egress of shop.reviews');
});
