import { once } from 'node:events';
import { connect } from 'node:net';
import { defineBackend, pass, rest, websocket } from 'tributary/backend';
import { expect, onTestFinished, test } from 'vitest';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import { MemoryCounters } from '../../../src/rate-limit/counters/memory-counters.ts';
import { readLimits } from '../../../src/rate-limit/rules/read-limits.ts';
import { NO_LIMITS } from '../../../src/rate-limit/rules/rule.ts';
import { RuleSet } from '../../../src/rate-limit/rules/rule-set.ts';
import { cookieClient, OWN_SCRIPT } from '../../support/auth/cookie-client.ts';
import { sessionRig, signInAs } from '../../support/auth/session-rig.ts';
import { manualClock } from '../../support/clock/manual-clock.ts';
import { routedGateway } from '../../support/gateway/routed-gateway.ts';
import { closeOf, echoBackend, frame, openWebSocket } from '../../support/http/websocket.ts';
import { typeDefs } from '../../support/modules/small-modules.ts';

const module = defineBackend()({
  name: 'files',
  typeDefs: typeDefs('type Query { files: Int }'),
  upstreams: { files: rest({ timeoutMs: 150_000, forward: { identity: 'token' } }) },
  routes: {
    'GET /open': pass('files'),
    'GET /mine': pass('files', { authenticated: true }),
    'POST /mine': pass('files', { authenticated: true }),
    'GET /live': websocket('files', '/feed'),
    'GET /live/mine': websocket('files', '/feed', { authenticated: true }),
  },
  resolvers: { Query: { files: () => 1 } },
});

/** A page of another origin that may read responses of the gateway (CORS). It has no part in sessions. */
const PARTNER = 'https://partner.example';

/** A gateway with routes next to the one at which the user c1 has signed in, with the same sessions. */
const signedIn = async (directEdge: boolean) => {
  const rig = await sessionRig();
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { origin, gateways } = rig;
  const sessions = gateways[0]?.sessions;
  if (sessions === undefined) throw new Error('No gateway.');
  const backend = await echoBackend();
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const received: { readonly authorization: string | undefined; readonly cookie: string | undefined }[] = [];
  const note = ({ headers: { authorization, cookie } }: (typeof backend.handshakes)[number]) =>
    void received.push({ authorization: authorization?.slice(0, 9), cookie });
  backend.server.removeAllListeners('request');
  backend.server.on('request', (request, response) => {
    note(request);
    response.end('ok');
  });
  backend.server.on('upgrade', note);
  const clock = manualClock();
  const gateway = await routedGateway([module], () => {}, {
    ...{ clock, urls: [backend.url], config: { corsOrigins: [origin, PARTNER] } },
    listener: { sessions, authenticator: firstCredential([sessions.authenticator]), directEdge },
  });
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  const browser = await signInAs(rig);
  browser.cookies.set('localhost theme', 'dark');
  const url = `http://localhost:${gateway.port}`;
  const cookieOf = ({ cookies } = browser) =>
    `cookie: ${[...cookies].map(([name, value]) => `${name.split(' ')[1]}=${value}`).join('; ')}`;
  return {
    ...{ rig, origin, received, clock, browser, url, cookieOf, port: gateway.port },
    status: async (path: string, init: RequestInit) => (await browser.request(url + path, init)).status,
    handshake: async (path: string, ...headers: string[]) => {
      const client = await openWebSocket(gateway.port, path, headers);
      onTestFinished(() => void client.socket.destroy());
      return client;
    },
  };
};

const OF_USER = { authorization: 'Bearer ey', cookie: undefined };
const ANONYMOUS = { authorization: undefined, cookie: undefined };

for (const [way, directEdge] of [
  ['direct edge', true],
  ['long way', false],
] as const) {
  test(`${way}: a route is served for the user of a session, and its backend receives the token in place of the cookies`, async () => {
    const { origin, status, received } = await signedIn(directEdge);
    const own = { ...OWN_SCRIPT, origin };
    expect(await status('/mine', { headers: OWN_SCRIPT })).toBe(200);
    expect(await status('/mine', { method: 'POST', headers: own, body: 'a' })).toBe(200);
    expect(received).toEqual([OF_USER, OF_USER]);
  });

  test(`${way}: a link and an image of a route are served without the session`, async () => {
    const { status, received } = await signedIn(directEdge);
    expect([await status('/open', {}), await status('/mine', {})]).toEqual([200, 401]);
    expect([await status('/open', { headers: { ...OWN_SCRIPT, origin: PARTNER } })]).toEqual([200]);
    expect(received).toEqual([ANONYMOUS, ANONYMOUS]);
  });

  test(`${way}: a route refuses a forged request with a session, without a call`, async () => {
    const { origin, status, received } = await signedIn(directEdge);
    const post = (headers: Readonly<Record<string, string>>) => status('/mine', { method: 'POST', headers, body: 'a' });
    const statuses = [
      await post({ ...OWN_SCRIPT, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }),
      await post({ ...OWN_SCRIPT, origin: PARTNER, 'sec-fetch-site': 'cross-site' }),
      await post({ ...OWN_SCRIPT, origin: 'null' }),
      await post({ origin, 'content-type': 'text/plain' }),
      await post({}),
    ];
    expect([statuses, received]).toEqual([[403, 403, 403, 403, 403], []]);
  });

  test(`${way}: a WebSocket of a page has the token of its session, and its backend receives no cookie`, async () => {
    const { origin, received, cookieOf, handshake } = await signedIn(directEdge);
    for (const path of ['/live', '/live/mine']) {
      const client = await handshake(path, cookieOf(), `origin: ${origin}`);
      expect(client.head).toMatch(/^HTTP\/1.1 101 /);
    }
    expect(received).toEqual([OF_USER, OF_USER]);
  });

  test(`${way}: the handshake of another page with the cookie of a session is refused, without a call`, async () => {
    const { received, cookieOf, handshake } = await signedIn(directEdge);
    for (const path of ['/live', '/live/mine'])
      for (const from of [[`origin: ${PARTNER}`], ['origin: https://evil.example'], ['origin: null'], []]) {
        const { head } = await handshake(path, cookieOf(), ...from);
        expect([path, from, head.split(' ')[1]]).toEqual([path, from, '403']);
      }
    expect(received).toEqual([]);
  });

  test(`${way}: a logout closes the WebSocket of its session within five seconds, and of no other`, async () => {
    const { rig, origin, browser, url, cookieOf, handshake, clock, received } = await signedIn(directEdge);
    const other = await signInAs(rig, 'c2');
    const [mine, others] = [
      await handshake('/live/mine', cookieOf(), `origin: ${origin}`),
      await handshake('/live/mine', cookieOf(other), `origin: ${origin}`),
    ];
    const before = cookieOf();
    expect((await browser.post(url, '/auth/logout', undefined, { origin })).status).toBe(200);
    clock.advance(5_000);
    expect(closeOf(await mine.ended())?.code).toBe(1008);
    others.socket.write(frame('a'));
    expect((await others.frames(1)).map(({ payload }) => String(payload))).toEqual(['a']);
    const replayed = await handshake('/live/mine', before, `origin: ${origin}`);
    expect(replayed.head.split(' ')[1]).toBe('401');
    const cookie = before.slice('cookie: '.length);
    expect((await cookieClient().request(`${url}/mine`, { headers: { ...OWN_SCRIPT, cookie } })).status).toBe(401);
    expect(received).toEqual([OF_USER, OF_USER]);
  });
}

test('sign-ins share the number of requests in flight with all other requests', async () => {
  const file = { overload: { inFlight: { default: 1 } } };
  const rules = new RuleSet(readLimits(JSON.stringify(file)).limits ?? NO_LIMITS);
  const limits = {
    ...{ rules: () => rules, counters: new MemoryCounters(), guesses: null },
    eventLoop: () => ({ delayMs: 0, utilization: 0 }),
  };
  await using rig = await sessionRig({ limits });
  const begin = async () => (await fetch(`${rig.origin}/auth/login`, { redirect: 'manual' })).status;
  expect(await begin()).toBe(303);
  const { port } = new URL(rig.origin);
  const socket = connect(Number(port), '127.0.0.1');
  // Its body is awaited.
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: 10\r\n' +
      'Expect: 100-continue\r\n\r\n',
  );
  await once(socket, 'data');
  expect(await begin()).toBe(503);
  socket.destroy();
  await expect.poll(begin).toBe(303);
});
