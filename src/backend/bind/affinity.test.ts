import { expect, test } from 'vitest';
import { ANONYMOUS, type Principal, type RequestContext } from '../../request/request-context.ts';
import { untraced } from '../../telemetry/open-trace.ts';
import { affinityOf } from './affinity.ts';

const request = (principal: Principal = ANONYMOUS): RequestContext => ({
  requestId: 'r1',
  principal,
  headers: { 'x-tenant': 'north' },
  clientAddress: '10.0.0.1',
  deadline: 0,
  signal: new AbortController().signal,
  trace: untraced(),
});
const user: Principal = {
  kind: 'user',
  subject: 'c1',
  issuer: 'https://issuer.invalid',
  scopes: [],
  roles: [],
  claims: { tenant: 'south', level: 3, groups: ['a'] },
};

test.each([
  ['a header of the request, however it is written', { hash: { header: 'X-Tenant' } }, ANONYMOUS, 'north'],
  ['the client’s address', { hash: 'client' }, ANONYMOUS, '10.0.0.1'],
  ['the subject', { hash: { claim: 'sub' } }, user, 'c1'],
  ['a claim', { hash: { claim: 'tenant' } }, user, 'south'],
  ['a claim that is a number', { hash: { claim: 'level' } }, user, '3'],
  ['nothing for a claim that is no text', { hash: { claim: 'groups' } }, user, null],
  ['nothing for a claim that the token has not', { hash: { claim: 'constructor' } }, user, null],
  ['nothing without a token', { hash: { claim: 'sub' } }, ANONYMOUS, null],
  ['nothing where the header is not there', { hash: { header: 'x-other' } }, ANONYMOUS, null],
  ['nothing with another policy', 'round-robin', user, null],
] as const)('a caller stays at one endpoint by %s', (_by, policy, principal, expected) => {
  expect(affinityOf(policy, request(principal))).toBe(expected);
});
