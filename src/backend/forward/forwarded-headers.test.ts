import { expect, test } from 'vitest';
import type { ClientCertificate } from '../../request/client-certificate.ts';
import { ANONYMOUS, type ClientConnection, type RequestContext } from '../../request/request-context.ts';
import { untraced } from '../../telemetry/open-trace.ts';
import { bindRequest } from '../bind/bind-request.ts';
import { audienceOf } from '../bind/entity-cache.ts';
import { rest } from '../define/upstream-options.ts';
import { CERTIFICATE_HEADER_NAMES } from './certificate-headers.ts';
import { CLIENT_HEADER_NAMES } from './client-headers.ts';
import type { HttpForward } from './forward-options.ts';
import { forwarded } from './forwarded-headers.ts';

const CERTIFICATE: ClientCertificate = {
  subject: 'CN=billing,O=Shop\\, Inc.',
  issuer: 'CN=authority',
  fingerprint: 'ab'.repeat(32),
  names: [
    { kind: 'URI', value: 'spiffe://shop/billing' },
    { kind: 'DNS', value: 'billing.internal' },
    { kind: 'IP', value: '10.0.0.1' },
  ],
  validTo: 0,
};

const requestFrom = (clientAddress: string, connection?: ClientConnection): RequestContext => ({
  requestId: 'r-1',
  principal: ANONYMOUS,
  // Written by the client: nothing of these may reach a backend.
  headers: {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'gopher',
    'x-forwarded-host': 'evil.test',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6',
  },
  clientAddress,
  ...(connection && { connection }),
  deadline: 1_234,
  signal: new AbortController().signal,
  trace: untraced(),
});

const HTTPS: ClientConnection = { scheme: 'https', host: 'shop.example:8443', certificate: CERTIFICATE };

test.each<[HttpForward, string, ClientConnection | undefined, Record<string, string>]>([
  [{ client: true }, '203.0.113.9', HTTPS, { 'x-forwarded-for': '203.0.113.9' }],
  [
    { client: CLIENT_HEADER_NAMES },
    '203.0.113.9',
    HTTPS,
    {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example:8443',
      'x-real-ip': '203.0.113.9',
      forwarded: 'for=203.0.113.9;host="shop.example:8443";proto=https',
    },
  ],
  [{ client: ['forwarded'] }, '2001:db8::1', undefined, { forwarded: 'for="[2001:db8::1]";proto=http' }],
  [{ client: ['x-forwarded-host', 'x-real-ip'] }, '203.0.113.9', undefined, { 'x-real-ip': '203.0.113.9' }],
  [{ host: true }, '203.0.113.9', HTTPS, { host: 'shop.example:8443' }],
  [{ host: true }, '203.0.113.9', undefined, {}],
  [
    { certificate: true },
    '203.0.113.9',
    HTTPS,
    {
      'x-client-dn': 'CN=billing,O=Shop\\, Inc.',
      'x-client-verify': 'SUCCESS',
      'x-forwarded-client-cert': `Hash=${'ab'.repeat(32)};Subject="CN=billing,O=Shop\\\\, Inc.";URI=spiffe://shop/billing;DNS=billing.internal`,
    },
  ],
  [
    { certificate: ['x-forwarded-client-cert'] },
    '203.0.113.9',
    { ...HTTPS, certificate: { ...CERTIFICATE, gatewayUris: ['spiffe://shop/gateway', 'urn:a;b'] } },
    {
      'x-forwarded-client-cert': `By=spiffe://shop/gateway;By="urn:a;b";Hash=${'ab'.repeat(32)};Subject="CN=billing,O=Shop\\\\, Inc.";URI=spiffe://shop/billing;DNS=billing.internal`,
    },
  ],
  [{ certificate: true }, '203.0.113.9', { ...HTTPS, certificate: null }, { 'x-client-verify': 'NONE' }],
  [{ certificate: ['x-client-verify'] }, '203.0.113.9', HTTPS, { 'x-client-verify': 'SUCCESS' }],
])('%j of a client at %s forwards exactly what it names', (forward, address, connection, expected) => {
  expect(forwarded(forward, requestFrom(address, connection))).toEqual(expected);
});

test('X-Forwarded-Client-Cert has a bounded length, and escapes what would end a value', () => {
  const names = Array.from({ length: 100 }, (_, n) => ({
    kind: 'URI' as const,
    value: `spiffe://${'x'.repeat(200)}/${n}`,
  }));
  const gatewayUris = names.map(({ value }) => value);
  const certificate = { ...CERTIFICATE, subject: 'CN=a";URI=forged', names, gatewayUris };
  const header = forwarded({ certificate: true }, requestFrom('1.1.1.1', { ...HTTPS, certificate }));
  const xfcc = header['x-forwarded-client-cert'] ?? '';
  expect(xfcc.length).toBeLessThanOrEqual(4_096);
  expect(xfcc).toContain('Subject="CN=a\\";URI=forged";URI=spiffe');
});

const FACTS: readonly HttpForward[] = [
  ...CLIENT_HEADER_NAMES.map((name) => ({ client: [name] })),
  ...CERTIFICATE_HEADER_NAMES.map((name) => ({ certificate: [name] })),
  { host: true },
];

test.each(FACTS)('%j: clients with other values share no cache entry and no caller key', (forward) => {
  const other: ClientConnection = { scheme: 'http', host: 'other.example', certificate: null };
  const [one, two] = [requestFrom('203.0.113.9', HTTPS), requestFrom('203.0.113.10', other)];
  const module = { upstreams: { things: rest({ forward }) } };
  expect(audienceOf(module, one)).not.toBe(audienceOf(module, two));
  const bound = [one, two].map((request) => bindRequest('shop.things', { forward }, request));
  expect(bound[0]?.headers).not.toEqual(bound[1]?.headers);
  expect(bound[0]?.caller).not.toBe(bound[1]?.caller);
});
