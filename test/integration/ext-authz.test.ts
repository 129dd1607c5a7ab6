import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { manualClock } from '../support/clock/manual-clock.ts';
import { answering, authzGateway, authzServer, ok } from '../support/gateway/authz-gateway.ts';
import { exchange } from '../support/http/raw-http.ts';
import { LONG_WAIT } from '../support/processes/long-wait.ts';

const ANSWER = { EXT_AUTHZ_ANSWER_HEADERS: 'x-user-plan', EXT_AUTHZ_CLAIMS: 'plan=x-user-plan' };

const edges = [
  ['direct edge', true],
  ['long way', false],
] as const;

test('the service receives method, URI and the declared headers, and no body', async () => {
  const authz = await authzServer();
  const gateway = await authzGateway(`${authz.url}/check`, { env: { EXT_AUTHZ_HEADERS: 'cookie,X-Tenant' } });
  const sent = {
    cookie: 'a=1',
    'x-tenant': 't',
    'x-other': 'o',
    'x-original-uri': '/public',
    'x-forwarded-for': '6.6.6.6',
  };
  expect((await gateway.query('{ whole }', 'ann', sent)).data).toEqual({ whole: 'ok' });
  const [check] = authz.checks;
  expect(check).toMatchObject({ method: 'GET', url: '/check', body: '' });
  expect(check?.headers).toMatchObject({
    ...{ cookie: 'a=1', 'x-tenant': 't', 'x-original-method': 'POST', 'x-original-uri': '/graphql' },
    ...{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
  });
  for (const name of ['authorization', 'x-other', 'content-type', 'content-length', 'transfer-encoding'])
    expect(check?.headers[name], name).toBeUndefined();
});

test.each(edges)('%s: graphql, routes and WebSockets are checked, and probes are not', async (_way, directEdge) => {
  const authz = await authzServer(answering(403));
  const gateway = await authzGateway(authz.url, { directEdge });
  expect(await gateway.query('{ whole }')).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
  const route = await fetch(`${gateway.origin}/passed?a=1`);
  expect([route.status, await route.json()]).toMatchObject([403, { code: 'FORBIDDEN' }]);
  const handshake = [
    ...['GET /live HTTP/1.1', 'host: a', 'connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
    ...['sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ].join('\r\n');
  expect((await exchange(gateway.port, handshake)).answer?.status).toBe(403);
  expect(authz.checks.map(({ headers }) => `${headers['x-original-method']} ${headers['x-original-uri']}`)).toEqual([
    ...['POST /graphql', 'GET /passed?a=1', 'GET /live'],
  ]);
  for (const path of ['/livez', '/readyz']) expect((await fetch(gateway.origin + path)).status).toBe(200);
  expect([authz.checks.length, gateway.received]).toEqual([3, []]);
});

test.each([
  [401, 'UNAUTHENTICATED', 'Authentication required.'],
  [403, 'FORBIDDEN', 'Not allowed.'],
])(
  '%i of the service is the status of the request, with the declared headers and without the body',
  async (status, code, message) => {
    const headers = {
      'www-authenticate': 'Bearer realm="shop"',
      'x-reason': 'plan',
      'x-secret': 'a',
      'set-cookie': 'a=1',
    };
    const authz = await authzServer(answering(status, headers, 'internal reasons'));
    const env = { EXT_AUTHZ_DENIED_HEADERS: 'www-authenticate,x-reason' };
    const gateway = await authzGateway(authz.url, { env });
    const response = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ whole }"}',
    });
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { errors: [{ message, extensions: { code } }] },
    ]);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="shop"');
    expect(response.headers.get('x-reason')).toBe('plan');
    for (const name of ['x-secret', 'set-cookie']) expect(response.headers.get(name)).toBeNull();
    expect(authz.checks).toHaveLength(1);
  },
);

test.each([
  ['a redirect', answering(302, { location: 'http://127.0.0.1:1/' })],
  ['404', answering(404)],
  ['418', answering(418)],
  ['429', answering(429)],
  ['500', answering(500)],
  ['a lost connection', (response: Parameters<typeof ok>[0]) => response.destroy()],
  ['a header that cannot be sent on', answering(200, { 'x-user-plan': 'ä' })],
])('%s of the service is 503: nothing is executed without a decision', async (_what, answer) => {
  const authz = await authzServer(answer);
  const gateway = await authzGateway(authz.url, { env: ANSWER });
  expect(await gateway.query('{ plan }', 'ann')).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
  expect([gateway.received, gateway.failures.length]).toEqual([[], 1]);
});

test('a service that hangs is 503 at the deadline, and a slow one is waited for', async () => {
  const clock = manualClock();
  const authz = await authzServer(() => {});
  const gateway = await authzGateway(authz.url, { clock, env: { EXT_AUTHZ_TIMEOUT_MS: '1000' } });
  const answer = gateway.query('{ plan }');
  await expect.poll(() => authz.checks.length, LONG_WAIT).toBe(1);
  clock.advance(1_000);
  expect(await answer).toMatchObject({ status: 503, codes: ['SERVICE_UNAVAILABLE'] });
  authz.answer = (response) => void setTimeout(() => ok(response), 50);
  expect((await gateway.query('{ whole }')).status).toBe(200);
  expect(gateway.received).toEqual([]);
});

test('a dead replica is replaced by another one, and without any the request is 503', async () => {
  const [dead, alive] = [await authzServer(), await authzServer()];
  await dead.stop();
  const gateway = await authzGateway(`${dead.url},${alive.url}`);
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.query('{ whole }')));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  await alive.stop();
  expect((await gateway.query('{ whole }')).status).toBe(503);
});

test('a flapping service is tried again within the deadline', async () => {
  let count = 0;
  const authz = await authzServer((response) => {
    count += 1;
    response.writeHead(count % 2 === 1 ? 503 : 204).end();
  });
  const gateway = await authzGateway(authz.url);
  expect((await gateway.query('{ whole }')).status).toBe(200);
  expect(authz.checks).toHaveLength(2);
});

test.each([200, 403])('a body of 100 MB of the service with %i is not read, and no decision', async (status) => {
  const chunk = Buffer.alloc(1_048_576);
  let left = 100;
  const authz = await authzServer((response) => {
    response.writeHead(status);
    const more = () => {
      while (left > 0 && response.write(chunk)) left -= 1;
      if (left <= 0) response.end();
    };
    response.on('drain', more).on('error', () => {});
    more();
  });
  const gateway = await authzGateway(authz.url);
  expect((await gateway.query('{ whole }')).status).toBe(503);
  expect(left).toBeGreaterThan(80);
});

test.each(edges)(
  '%s: headers of the service reach backends and claims, and never the client’s copies',
  async (_way, directEdge) => {
    const authz = await authzServer(answering(200, { 'x-user-plan': 'gold', 'x-tenant': 'evil', 'x-undeclared': '1' }));
    const gateway = await authzGateway(authz.url, { env: ANSWER, directEdge });
    const forged = { 'x-user-plan': 'forged', 'x-tenant': 'mine' };
    expect((await gateway.query('{ plan claim }', 'ann', forged)).data).toEqual({ plan: 'gold', claim: 'gold' });
    expect(gateway.received.at(-1)).toMatchObject({ 'x-user-plan': 'gold', 'x-tenant': 'mine' });
    await fetch(`${gateway.origin}/passed`, { headers: forged });
    expect(gateway.received.at(-1)?.['x-user-plan']).toBe('gold');

    authz.answer = ok;
    for (const copy of [forged, { 'X-User-Plan': 'forged' }, { x_user_plan: 'forged' }, { 'x-user_plan': 'forged' }]) {
      expect((await gateway.query('{ plan claim }', 'ann', copy)).data).toEqual({ plan: 'none', claim: 'none' });
      expect(JSON.stringify(gateway.received.at(-1))).not.toContain('forged');
    }
    expect((await gateway.query('{ claim }')).data).toEqual({ claim: 'none' });
  },
);

test('an invalid credential is refused before the service is called', async () => {
  const authz = await authzServer();
  const gateway = await authzGateway(authz.url);
  const bytes = `POST /graphql HTTP/1.1\r\nhost: a\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\ncontent-length: 0\r\ncontent-type: application/json\r\n\r\n`;
  expect((await exchange(gateway.port, bytes)).answer?.status).toBe(401);
  expect(authz.checks).toEqual([]);
});

test('decisions are kept for their time, for requests that are equal in everything that is sent', async () => {
  const clock = manualClock();
  const authz = await authzServer((response, { headers }) =>
    answering(headers.authorization === 'Bearer mallory' ? 403 : 200, { 'x-user-plan': `of ${headers.authorization}` })(
      response,
    ),
  );
  const gateway = await authzGateway(authz.url, {
    clock,
    env: { ...ANSWER, EXT_AUTHZ_CACHE_MS: '5000', EXT_AUTHZ_HEADERS: 'authorization,cookie' },
  });
  const planOf = async (token: string, headers = {}) =>
    (await gateway.query('{ plan }', token, headers)).data?.plan ?? null;
  for (let times = 0; times < 3; times += 1)
    expect([await planOf('ann'), await planOf('bob'), await planOf('mallory')]).toEqual([
      ...['of Bearer ann', 'of Bearer bob', null],
    ]);
  expect(authz.checks).toHaveLength(3);
  await planOf('ann', { cookie: 'a=1' });
  await planOf('ann', { 'x-not-sent': '1' });
  expect(authz.checks).toHaveLength(4);
  for (const path of ['/passed', '/passed?a=1', '/passed'])
    await fetch(gateway.origin + path, { headers: { authorization: 'Bearer ann' } });
  expect(authz.checks).toHaveLength(6);
  clock.advance(5_000);
  await planOf('ann');
  expect(authz.checks).toHaveLength(7);
});

test('equal checks in flight share one call, and a failed one is not kept', async () => {
  const held: Parameters<typeof ok>[0][] = [];
  const authz = await authzServer((response) => void held.push(response));
  const { service } = await authzGateway(authz.url, { env: { EXT_AUTHZ_CACHE_MS: '5000' } });
  const check = (token: string) => {
    const request = { method: 'POST', url: '/graphql', scheme: 'http', host: 'a', clientAddress: '::1' } as const;
    const limits = { deadline: systemClock.now() + 100_000, signal: new AbortController().signal };
    return service.check({ ...request, headers: { authorization: token } }, limits).then(
      ({ is }) => is,
      () => 'failed',
    );
  };
  const checks = Array.from({ length: 50 }, (_, n) => check(n % 2 === 0 ? 'ann' : 'bob'));
  await expect.poll(() => held.length, LONG_WAIT).toBe(2);
  for (const response of held) response.writeHead(500).end();
  expect(new Set(await Promise.all(checks))).toEqual(new Set(['failed']));
  authz.answer = ok;
  expect([await check('ann'), await check('ann'), authz.checks.length]).toEqual(['allowed', 'allowed', 3]);
});
