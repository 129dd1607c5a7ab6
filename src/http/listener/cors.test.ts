import { describe, expect, test } from 'vitest';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { bodiless, exchange, post } from '../../../test/support/http/raw-http.ts';

const preflight = (origin: string): string =>
  bodiless('OPTIONS', '/graphql', {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type, authorization',
  });

test('a listed origin may send the requested headers, and read responses and request ids, without cookies', async () => {
  await using rig = await publicRig({ corsOrigins: ['https://shop.test'] });
  const { answer: allowed } = await exchange(rig.port, preflight('https://shop.test'));
  expect(allowed).toMatchObject({
    status: 204,
    headers: {
      'access-control-allow-origin': 'https://shop.test',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type, authorization',
    },
  });
  expect(allowed?.headers).not.toHaveProperty('access-control-allow-credentials');
  for (const body of ['{"query":"{ hello }"}', 'not json']) {
    const { answer } = await exchange(rig.port, post(body, { origin: 'https://shop.test' }));
    expect(answer?.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-expose-headers':
        'x-request-id, x-trace-id, ratelimit, ratelimit-policy, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset',
    });
    expect(answer?.headers.vary?.toLowerCase()).toContain('origin');
  }
});

test('any other origin gets no CORS headers, and its preflight is rejected', async () => {
  await using rig = await publicRig({ corsOrigins: ['https://shop.test'] });
  for (const origin of ['https://evil.test', 'https://shop.test.evil.test', 'null']) {
    const { answer: refused } = await exchange(rig.port, preflight(origin));
    expect(refused?.status).toBe(403);
    const { answer } = await exchange(rig.port, post('{"query":"{ hello }"}', { origin }));
    expect(JSON.stringify([refused?.headers, answer?.headers])).not.toContain('access-control-');
  }
});

describe.each([true, false])('with credentials, on the direct edge: %s', (directEdge) => {
  test('a listed origin may send cookies, and no other origin may', async () => {
    const config = { corsOrigins: ['https://shop.test'], corsCredentials: true, corsMaxAgeSeconds: 60 };
    await using rig = await publicRig(config, { directEdge });
    const { answer: allowed } = await exchange(rig.port, preflight('https://shop.test'));
    expect(allowed).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://shop.test',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '60',
        vary: 'Origin, Access-Control-Request-Headers',
      },
    });
    // Known operations are answered without Apollo's pipeline, from the second time on.
    for (const body of ['{"query":"{ hello }"}', '{"query":"{ hello }"}', 'not json']) {
      const { answer } = await exchange(rig.port, post(body, { origin: 'https://shop.test' }));
      expect(answer?.headers).toMatchObject({
        'access-control-allow-origin': 'https://shop.test',
        'access-control-allow-credentials': 'true',
        vary: expect.stringMatching(/\bOrigin\b/),
      });
    }
    for (const origin of ['https://evil.test', 'null', undefined]) {
      const { answer } = await exchange(
        rig.port,
        post('{"query":"{ hello }"}', origin === undefined ? {} : { origin }),
      );
      expect(JSON.stringify(answer?.headers)).not.toContain('access-control-');
      expect(answer?.headers.vary).toMatch(/\bOrigin\b/);
    }
    expect((await exchange(rig.port, preflight('https://evil.test'))).answer?.status).toBe(403);
  });

  test('changed security headers are in every response, and removed ones in none', async () => {
    const responseHeaders = {
      'permissions-policy': 'camera=()',
      'referrer-policy': 'same-origin',
      'x-frame-options': null,
    };
    await using rig = await publicRig({ responseHeaders }, { directEdge });
    const requests = [
      ...['{"query":"{ hello }"}', '{"query":"{ hello }"}', 'not json'].map((body) => post(body)),
      bodiless('GET', '/livez'),
      bodiless('GET', '/unknown'),
      bodiless('DELETE', '/graphql'),
    ];
    for (const request of requests) {
      const { answer } = await exchange(rig.port, request);
      expect(answer?.headers).toMatchObject({
        'permissions-policy': 'camera=()',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
      expect(answer?.headers).not.toHaveProperty('x-frame-options');
    }
  });
});

test('* allows every origin with a literal *', async () => {
  await using rig = await publicRig({ corsOrigins: ['*'] });
  const { answer } = await exchange(rig.port, preflight('https://anywhere.test'));
  expect(answer).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': '*' } });
});

test('without origins there is no CORS, and OPTIONS is rejected like any other method', async () => {
  await using rig = await publicRig();
  const { answer } = await exchange(rig.port, bodiless('OPTIONS', '/graphql'));
  expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
  expect((await exchange(rig.port, preflight('https://shop.test'))).answer?.status).toBe(403);
});

test('an OPTIONS request that is not a preflight is rejected in JSON even with CORS', async () => {
  await using rig = await publicRig({ corsOrigins: ['https://shop.test'] });
  const { answer } = await exchange(rig.port, bodiless('OPTIONS', '/graphql', { origin: 'https://shop.test' }));
  expect(answer?.status).toBe(405);
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ errors: [{ extensions: { code: 'METHOD_NOT_ALLOWED' } }] });
});
