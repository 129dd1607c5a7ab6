import { expect, test } from 'vitest';
import { z } from 'zod';
import { StoreUnavailableError } from '../../../cache/guarded-connection.ts';
import { KubernetesStatusError } from '../kubernetes/kubernetes-api.ts';
import { failureCause, SourceError } from './failure-reason.ts';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

test.each([
  [withCode('ENOENT'), 'absent'],
  [withCode('ENOTFOUND'), 'absent'],
  [new KubernetesStatusError(404), 'absent'],
  [new SourceError('absent', 'no address'), 'absent'],
  [withCode('EACCES'), 'denied'],
  [withCode('EREFUSED'), 'denied'],
  [new KubernetesStatusError(401), 'denied'],
  [new KubernetesStatusError(403), 'denied'],
  [new SyntaxError('Unexpected token'), 'invalid'],
  [z.string().safeParse(1).error, 'invalid'],
  [withCode('EBADRESP'), 'invalid'],
  [withCode('ESERVFAIL'), 'server'],
  [new KubernetesStatusError(503), 'server'],
  [withCode('ETIMEOUT'), 'timeout'],
  [withCode('ETIMEDOUT'), 'timeout'],
  [withCode('UND_ERR_CONNECT_TIMEOUT'), 'timeout'],
  [withCode('UND_ERR_HEADERS_TIMEOUT'), 'timeout'],
  [withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'tls'],
  [withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls'],
  [withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls'],
  [withCode('CERT_HAS_EXPIRED'), 'tls'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls'],
  [withCode('ECONNREFUSED'), 'unreachable'],
  [withCode('UND_ERR_SOCKET'), 'unreachable'],
  [new StoreUnavailableError('Redis does not answer'), 'unreachable'],
])('the cause of %s is %s', (error, cause) => {
  expect(failureCause(error)).toBe(cause);
});
