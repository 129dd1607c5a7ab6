import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { bypassTest, noProxyEntries } from './no-proxy.ts';
import { parseProxyList } from './proxy-list.ts';
import { usualProxies } from './usual-proxies.ts';

test('a proxy has its credentials, labels and name', () => {
  const [first, second] = parseProxyList(
    'http://ann:p%40ss%2C1@10.0.0.5:3128;labels=country:de+kind:datacenter,https://proxy.example;name=fr-1',
  );
  expect(first).toMatchObject({
    name: '10.0.0.5:3128',
    origin: 'http://10.0.0.5:3128',
    labels: { country: 'de', kind: 'datacenter' },
  });
  expect(first?.authorization?.reveal()).toBe(`Basic ${Buffer.from('ann:p@ss,1').toString('base64')}`);
  expect(second).toEqual({ name: 'fr-1', origin: 'https://proxy.example', authorization: null, labels: {} });
});

test('lines, comments and empty lines are read, and equal names are numbered', () => {
  const proxies = parseProxyList('# ours\nhttp://a:1@p:80\n\n  http://b:2@p:80;labels=country:fr\r\n');
  expect(proxies.map(({ name }) => name)).toEqual(['p', 'p#2']);
});

test('no text, JSON or inspection of a proxy shows its password', () => {
  const proxies = parseProxyList('http://ann:geheim@p:3128');
  for (const shown of [JSON.stringify(proxies), inspect(proxies, { depth: 9 }), String(proxies[0]?.authorization)]) {
    expect(shown).not.toContain('geheim');
    expect(shown).not.toContain(Buffer.from('ann:geheim').toString('base64'));
  }
});

test.each([
  ['', 'needs at least one proxy'],
  ['# none', 'needs at least one proxy'],
  ['socks5://u:geheim@a', 'proxy 1: must be http:// or https:// with host and port'],
  ['http://a:80,http://u:geheim@b/path', 'proxy 2: must be http:// or https:// with host and port'],
  ['http://a;country=geheim', 'proxy 1: an option is neither labels nor name'],
  ['http://a;labels=geheim', 'proxy 1: labels must be at most 16 pairs'],
  ['http://a;name=', 'proxy 1: name must have 1 to 64'],
  ['http://a;name=x;name=y', 'proxy 1: name is set twice'],
  ['http://u:%zz@a', 'proxy 1: write special characters of a password as %XX'],
])('"%s" is a problem without a part of the text', (text, problem) => {
  expect(() => parseProxyList(text)).toThrow(problem);
  try {
    parseProxyList(text);
  } catch (error) {
    expect(String(error)).not.toContain('geheim');
  }
});

test.each([
  ['example.com', 'example.com', 443, true],
  ['example.com', 'a.example.com', 443, true],
  ['example.com', 'badexample.com', 443, false],
  ['.example.com', 'a.example.com', 443, true],
  ['*.example.com', 'a.example.com', 443, true],
  ['example.com:8080', 'example.com', 443, false],
  ['example.com:8080', 'example.com', 8_080, true],
  ['10.0.0.0/8', '10.1.2.3', 80, true],
  ['10.0.0.0/8', '11.1.2.3', 80, false],
  ['::1', '[::1]', 80, true],
  ['*', 'anything', 80, true],
  ['a b,c', 'b', 80, true],
  ['', 'a', 80, false],
])('NO_PROXY=%s and %s:%i: %s', (text, host, port, isBypassed) => {
  expect(bypassTest(noProxyEntries(text))(host, port)).toBe(isBypassed);
});

test('the usual proxies are chosen by scheme, and never for loopback', () => {
  const [http = null, https = null] = parseProxyList('http://plain:1,http://secure:2');
  const { proxyFor } = usualProxies({ http, https }, ['internal']);
  expect(proxyFor('http:', 'a.example', 80)?.name).toBe('plain:1');
  expect(proxyFor('https:', 'a.example', 443)?.name).toBe('secure:2');
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', 'internal', 'a.internal'])
    expect(proxyFor('https:', host, 443)).toBeNull();
});
