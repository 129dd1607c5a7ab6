import { describe, expect, onTestFinished, test } from 'vitest';
import { keySource } from '../../src/auth/jwt/key-source.ts';
import { constantText } from '../../src/config/secrets/secret-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { requestToken } from '../../src/upstream/credentials/token-request.ts';
import { endpointAt } from '../../src/upstream/endpoints/endpoint.ts';
import { healthOf } from '../../src/upstream/endpoints/health-check.ts';
import { kubernetesApi } from '../../src/upstream/endpoints/kubernetes/kubernetes-api.ts';
import { callOf } from '../support/grpc/grpc-server.ts';
import { openTransport } from '../support/grpc/grpc-transport.ts';
import { folderWith } from '../support/modules/module-folder.ts';
import { restCall } from '../support/upstream/calls.ts';
import { failureOf, transportWith } from '../support/upstream/rest-transport.ts';

const never = new AbortController().signal;
const REFUSED = /EGRESS_REFUSED|must not call link-local and metadata addresses/;

/** Reason of an error and of its causes. */
const reasonsOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.message} ${'code' in error ? String(error.code) : ''} ${reasonsOf(error.cause)}`
    : String(error);

describe('without any setting, the metadata address is not connected to', () => {
  test.each([
    ['grpc://169.254.169.254:80', null],
    ['grpc://0xa9fea9fe:80', null],
    ['grpc://2852039166:80', null],
    ['grpcs://0251.0376.0251.0376:443', null],
    ['grpc://[::ffff:a9fe:a9fe]:80', null],
    ['grpc://stock.example:80', '169.254.169.254'],
  ])('by a gRPC upstream at %s (address %s)', async (url, ip) => {
    const error = await failureOf(openTransport().send(callOf(endpointAt(url, { ip }), 'reserve', {})));
    expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', reason: 'cannot connect (EGRESS_REFUSED)' });
  });

  test('by a REST upstream with an address of DNS', async () => {
    const endpoint = endpointAt('https://api.example', { ip: '169.254.169.254' });
    expect(await failureOf(transportWith().send(restCall({ endpoint })))).toMatchObject({
      reason: 'cannot connect (EGRESS_REFUSED)',
    });
  });

  test('by a health check', async () => {
    const endpoint = endpointAt('http://169.254.169.254');
    const health = await healthOf(endpoint, { by: 'connecting' }, async () => Promise.reject(), systemClock);
    expect(health).toMatchObject({ status: 'down', detail: 'EGRESS_REFUSED' });
  });

  test('for keys of an issuer', async () => {
    const lines: unknown[] = [];
    const log = { warn: (_line: string, fields?: object) => void lines.push(fields) };
    const source = keySource({ url: 'http://169.254.169.254/keys' }, systemClock, log);
    onTestFinished(() => source.close());
    await expect(source.keys()).rejects.toThrow();
    expect(JSON.stringify(lines)).toMatch(REFUSED);
  });

  test('for an access token', async () => {
    const client = { clientId: constantText('shop'), clientSecret: constantText('s'), scopes: [], audience: null };
    const tokenUrl = constantText('http://169.254.169.254/token');
    const failure = await requestToken({ ...client, tokenUrl, authMethod: 'basic' }, never).catch(reasonsOf);
    expect(failure).toMatch(REFUSED);
  });

  test('for the API server of Kubernetes', async () => {
    const folder = folderWith({ token: 't' });
    const access = { url: new URL('http://169.254.169.254'), tokenFile: `${folder}/token`, caFile: '' };
    const api = kubernetesApi(access);
    onTestFinished(() => api.close());
    expect(await api.get('/', never).catch(reasonsOf)).toMatch(REFUSED);
  });
});
