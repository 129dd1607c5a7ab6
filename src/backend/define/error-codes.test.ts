import { expect, test } from 'vitest';
import { secret } from '../../config/secrets/secret.ts';
import { errorCodesOf } from './error-codes.ts';
import { grpc, rest } from './upstream-options.ts';

const OWN_REST = { 401: 'UPSTREAM_ERROR', 403: 'UPSTREAM_ERROR' };
const OWN_GRPC = { UNAUTHENTICATED: 'UPSTREAM_ERROR', PERMISSION_DENIED: 'UPSTREAM_ERROR' };
const service = { proto: './stock.proto', service: 'stock.v1.Stock' };

test.each([
  ['no forward', rest(), OWN_REST],
  ['the client’s address', rest({ forward: { client: true } }), OWN_REST],
  ['its language', rest({ forward: { headers: ['accept-language'] } }), OWN_REST],
  ['its token', rest({ forward: { identity: 'token' } }), {}],
  ['its credentials as headers', rest({ forward: { headers: ['Cookie'] } }), {}],
])('REST: with %s the codes of rejected credentials are %j', (_, definition, expected) => {
  expect(errorCodesOf(definition)).toEqual(expected);
});

test('gRPC: rejected credentials are the client’s error only if its token is forwarded', () => {
  expect(errorCodesOf(grpc(service))).toEqual(OWN_GRPC);
  expect(errorCodesOf(grpc({ ...service, forward: { identity: 'token' } }))).toEqual({});
});

test('a 401 refuses the gateway’s own credentials, even if the client’s token is forwarded, too', () => {
  const own = { auth: { apiKey: { header: 'x-key', value: secret('KEY') } }, forward: { identity: 'token' } } as const;
  expect(errorCodesOf(rest(own))).toEqual({ 401: 'UPSTREAM_ERROR' });
  expect(errorCodesOf(grpc({ ...service, ...own }))).toEqual({ UNAUTHENTICATED: 'UPSTREAM_ERROR' });
  expect(errorCodesOf(rest({ ...own, errorCodes: { 401: 'UNAUTHENTICATED' } }))).toEqual({ 401: 'UNAUTHENTICATED' });
});

test('a code declared by the module takes precedence', () => {
  expect(errorCodesOf(rest({ errorCodes: { 403: 'FORBIDDEN', 418: 'CONFLICT' } }))).toEqual({
    401: 'UPSTREAM_ERROR',
    403: 'FORBIDDEN',
    418: 'CONFLICT',
  });
});
