import { expect, onTestFinished, test } from 'vitest';
import { startIssuer } from '../../../test/support/auth/issuer.ts';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post } from '../../../test/support/http/raw-http.ts';
import { settingsOf, wallTime } from '../../../test/support/http/token-rig.ts';
import { tokenAuthenticator } from '../../auth/tokens/token-authenticator.ts';
import { systemClock } from '../../core/clock.ts';
import { challengeOf, resourceMetadata } from './resource-metadata.ts';

const metadataOf = (resource: string) =>
  resourceMetadata({
    resource,
    scopes: ['orders:read'],
    issuers: ['https://id.example', 'legacy'],
    algorithms: ['ES256'],
  });

test.each([
  ['https://shop.example', 'https://shop.example/.well-known/oauth-protected-resource'],
  ['https://shop.example/', 'https://shop.example/.well-known/oauth-protected-resource'],
  ['https://shop.example/api/v1', 'https://shop.example/.well-known/oauth-protected-resource/api/v1'],
])('the metadata of %s are at %s', (resource, url) => expect(metadataOf(resource).url).toBe(url));

test('a challenge names the metadata after its other parameters; other statuses have no challenge', () => {
  const url = 'https://shop.example/m';
  expect(challengeOf({ status: 401, headers: {} }, null)).toEqual({ 'www-authenticate': 'Bearer' });
  expect(challengeOf({ status: 401, headers: {} }, url)).toEqual({
    'www-authenticate': `Bearer resource_metadata="${url}"`,
  });
  expect(challengeOf({ status: 401, headers: { 'www-authenticate': 'DPoP error="x"' } }, url)).toEqual({
    'www-authenticate': `DPoP error="x", resource_metadata="${url}"`,
  });
  expect(challengeOf({ status: 403, headers: {} }, url)).toEqual({});
});

test.each([true, false])(
  'clients find the metadata by the challenge of an invalid token; direct edge: %s',
  async (directEdge) => {
    const issuer = await startIssuer(wallTime);
    const authenticator = tokenAuthenticator({
      issuers: [settingsOf(issuer)],
      clock: systemClock,
      log: { warn: () => {} },
      wallTime,
    });
    const metadata = metadataOf('https://shop.example/api');
    const edge = await publicRig({ resourceMetadata: metadata }, { authenticator, directEdge });
    onTestFinished(async () => {
      authenticator.close();
      await edge[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    });
    const refused = await exchange(edge.port, post('{"query":"{ principal }"}', { authorization: 'Bearer x' }));
    const challenge = refused.answer?.headers['www-authenticate'] ?? '';
    expect([refused.answer?.status, challenge]).toEqual([
      401,
      'Bearer error="invalid_token", error_description="Invalid token: malformed or of an unsupported type.", ' +
        'resource_metadata="https://shop.example/.well-known/oauth-protected-resource/api"',
    ]);
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const { answer } = await exchange(edge.port, bodiless('GET', new URL(url).pathname));
    expect(answer?.status).toBe(200);
    expect(answer?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'access-control-allow-origin': '*',
    });
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      resource: 'https://shop.example/api',
      authorization_servers: ['https://id.example'],
      scopes_supported: ['orders:read'],
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: ['ES256'],
    });
    for (const path of ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/api/more'])
      expect((await exchange(edge.port, bodiless('GET', path))).answer?.status).toBe(404);
  },
);

test('without a resource there are no metadata', async () => {
  const edge = await publicRig({});
  onTestFinished(() => edge[Symbol.asyncDispose]());
  const { answer } = await exchange(edge.port, bodiless('GET', '/.well-known/oauth-protected-resource'));
  expect(answer?.status).toBe(404);
});
