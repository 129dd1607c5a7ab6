import { expect, test } from 'vitest';
import { NEVER_FORWARDED } from '../../request/headers.ts';
import { principalKey } from '../../request/principal.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../../request/request-context.ts';
import { untraced } from '../../telemetry/open-trace.ts';
import type { HttpForward } from '../forward/forward-options.ts';
import { bindRequest } from './bind-request.ts';

const request: RequestContext = {
  requestId: 'r-1',
  principal: ANONYMOUS,
  headers: {
    authorization: 'Bearer secret',
    cookie: 'session=secret',
    'accept-language': 'de',
    'x-user-id': '7',
    'x-request-id': 'forged',
    'x-forwarded-for': '10.0.0.1',
    baggage: 'k=v',
    traceparent: '00-forged',
  },
  clientAddress: '203.0.113.9',
  deadline: 1_234,
  signal: new AbortController().signal,
  trace: untraced(),
};

const headersWith = (forward: HttpForward | undefined) =>
  bindRequest('shop.things', forward === undefined ? {} : { forward }, request).headers;

test('an upstream without forward receives only the request id', () => {
  expect(headersWith(undefined)).toEqual({ 'x-request-id': 'r-1' });
  expect(headersWith({})).toEqual({ 'x-request-id': 'r-1' });
});

test.each([
  [{ identity: 'token' }, { authorization: 'Bearer secret' }],
  [{ client: true }, { 'x-forwarded-for': '203.0.113.9' }],
  [{ client: false }, {}],
  [{ headers: ['Accept-Language', 'x-absent'] }, { 'accept-language': 'de' }],
  [
    { identity: 'token', client: true, headers: ['accept-language'] },
    { authorization: 'Bearer secret', 'x-forwarded-for': '203.0.113.9', 'accept-language': 'de' },
  ],
] as const)('%j forwards exactly what it names', (forward, expected) => {
  expect(headersWith(forward)).toEqual({ ...expected, 'x-request-id': 'r-1' });
});

test('a forged request id or client address does not replace the real one', () => {
  expect(headersWith({ headers: ['x-request-id'] })).toEqual({ 'x-request-id': 'r-1' });
  expect(headersWith({ client: true, headers: ['x-forwarded-for'] })['x-forwarded-for']).toBe('203.0.113.9');
});

test('a caller without a token forwards none', () => {
  const { headers } = bindRequest('shop.things', { forward: { identity: 'token' } }, { ...request, headers: {} });
  expect(headers).toEqual({ 'x-request-id': 'r-1' });
});

test('deadline and signal are those of the request', () => {
  expect(bindRequest('shop.things', {}, request)).toMatchObject({
    upstream: 'shop.things',
    deadline: 1_234,
    signal: request.signal,
  });
});

test('hop-by-hop and message headers are never forwarded', () => {
  const hopByHop = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'proxy-authorization'];
  for (const name of [...hopByHop, 'host', 'content-length', 'content-encoding', 'expect'])
    expect(NEVER_FORWARDED.has(name)).toBe(true);
});

const ANN: Principal = { kind: 'user', subject: 'ann', issuer: 'https://issuer', scopes: [], roles: [] };

test.each([
  [undefined, false],
  [{}, false],
  [{ client: false, headers: [] }, false],
  [{ identity: 'token' }, true],
  [{ client: true }, true],
  [{ headers: ['x-user-id'] }, true],
] as const)('forward %j makes a caller known to the upstream: %s', (forward, isIdentified) => {
  const bound = bindRequest('shop.things', forward === undefined ? {} : { forward }, request);
  expect(bound.isIdentified).toBe(isIdentified);
});

test('the principal is the caller key, whatever is forwarded or written by the request', () => {
  const as = (forward: HttpForward, isolationKey: string | null = null) =>
    bindRequest('shop.things', { forward }, { ...request, principal: ANN }, isolationKey).caller;
  expect(as({ headers: ['x-user-id'] }, 'isolated')).toBe(principalKey(ANN));
  expect(as({ identity: 'token' })).toBe(principalKey(ANN));
});

test('anonymous callers differ by their forwarded headers, in a bounded number of characters', () => {
  const as = (user: string) =>
    bindRequest(
      'shop.things',
      { forward: { headers: ['x-user-id'] } },
      { ...request, headers: { ...request.headers, 'x-user-id': user } },
    ).caller;
  expect(new Set([as('7'), as('8'), as('7')]).size).toBe(2);
  expect(as('7'.repeat(5_000))).not.toBe(as('7'.repeat(5_001)));
  expect(as('7'.repeat(5_000)).length).toBeLessThanOrEqual(100);
});
