import { expect, test } from 'vitest';
import { publicHosts } from './public-hosts.ts';

const isPublic = publicHosts(['Shop.Example', '*.shop.example', 'api.example:8443', '[2001:db8::1]', '192.0.2.1']);

test.each([
  ['shop.example', true],
  ['SHOP.example', true],
  ['shop.example.', true],
  ['shop.example:443', true],
  ['shop.example.:443', true],
  ['api.shop.example', true],
  ['a.b.shop.example:1', true],
  ['api.example:8443', true],
  ['[2001:DB8::1]:80', true],
  ['192.0.2.1', true],
  ['api.example', false],
  ['api.example:443', false],
  ['.shop.example', false],
  ['evil-shop.example', false],
  ['shop.example.evil.test', false],
  ['evil.test', false],
  ['shop.example@evil.test', false],
  ['shop.example:80@evil.test', false],
  ['shop.example,evil.test', false],
  ['shop.example/evil', false],
  ['', false],
  [':443', false],
])('the host %j is public: %s', (host, expected) => {
  expect(isPublic(host)).toBe(expected);
});
