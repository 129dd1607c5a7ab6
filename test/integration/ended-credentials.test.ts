import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { apiKeyAuthenticator } from '../../src/auth/api-keys/api-key-authenticator.ts';
import { knownApiKey } from '../../src/auth/api-keys/key-set.ts';
import type { Authentication, Authenticator } from '../../src/auth/authenticator.ts';
import type { AuditEvent } from '../../src/telemetry/audit/audit-event.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { issuedKey } from '../support/auth/api-keys.ts';
import { type ManualClock, manualClock } from '../support/clock/manual-clock.ts';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { closeOf, echoBackend, frame, openWebSocket } from '../support/http/websocket.ts';
import { filesModule } from '../support/modules/files-module.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** Time within which a credential is verified again. */
const AGAIN_MS = 5_000;

/** An API key that can be revoked, and change its scopes. */
const changingKey = () => {
  const { text, record } = issuedKey();
  let known = knownApiKey(record);
  const authenticator = apiKeyAuthenticator({
    keys: { find: () => known, nearest: () => known, size: 1, state: 'current', close: () => {} },
  });
  return {
    ...{ authenticator, header: { 'x-api-key': text } },
    change: (more: Parameters<typeof issuedKey>[0]) => {
      known = knownApiKey({ ...record, ...more });
    },
    revoke: () => {
      known = knownApiKey({ ...record, revokedAt: new Date(Date.now() - 1_000).toISOString() });
    },
  };
};

/** Answers every credential with what `result` returns, and counts. */
const answering = (result: () => Authentication) => {
  const state = { verified: 0 };
  const authenticator: Authenticator = {
    credentialOf: ({ valuesOf }) =>
      valuesOf('authorization') === undefined
        ? null
        : {
            source: 'authorization',
            verify: async () => {
              state.verified += 1;
              return result();
            },
          },
    close: () => {},
  };
  return { state, authenticator };
};

interface Rig {
  readonly gateway: RoutedGateway;
  readonly clock: ManualClock;
  readonly audited: AuditEvent[];
}

const start = async (
  authenticator: Authenticator,
  answer: (request: IncomingMessage, response: ServerResponse) => void = () => {},
  urls?: readonly string[],
): Promise<Rig> => {
  const clock = manualClock();
  const audited: AuditEvent[] = [];
  const audit = { record: (event: AuditEvent) => void audited.push(event) };
  const gateway = await routedGateway([filesModule], answer, {
    ...{ clock, listener: { authenticator, audit } },
    ...(urls && { urls }),
  });
  open.push(gateway);
  return { gateway, clock, audited };
};

const startSockets = async (authenticator: Authenticator): Promise<Rig> => {
  const backend = await echoBackend();
  open.push(backend);
  return start(authenticator, () => {}, [backend.url]);
};

const linesOf = (headers: Readonly<Record<string, string>>) =>
  Object.entries(headers).map(([name, value]) => `${name}: ${value}`);

/** Sends the head of an answer and its first part, and keeps the rest. */
const streaming =
  (type: string, parts: ServerResponse[]) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    parts.push(response);
    response.writeHead(200, { 'content-type': type });
    response.write('data: 1\n\n');
  };

test('a WebSocket ends with 1008 after its API key was revoked', async () => {
  const key = changingKey();
  const { gateway, clock, audited } = await startSockets(key.authenticator);
  const client = await openWebSocket(gateway.port, '/live/secured', linesOf(key.header));
  clock.advance(AGAIN_MS);
  client.socket.write(frame('a'));
  expect((await client.frames(1)).length).toBe(1);
  key.revoke();
  clock.advance(AGAIN_MS);
  expect(closeOf(await client.ended())).toEqual({ code: 1008, reason: 'the API key is no longer valid' });
  expect(audited).toMatchObject([{ event: 'credential.refused', reason: 'Invalid API key: revoked.' }]);
  await expect.poll(() => clock.pending).toBe(0);
});

test('a WebSocket ends with 1008 after the rights of its caller were changed', async () => {
  const key = changingKey();
  const { gateway, clock } = await startSockets(key.authenticator);
  const client = await openWebSocket(gateway.port, '/live/secured', linesOf(key.header));
  key.change({ scopes: ['other'] });
  clock.advance(AGAIN_MS);
  expect(closeOf(await client.ended())).toEqual({ code: 1008, reason: 'the API key is no longer valid' });
});

test('a WebSocket ends after the sign-out of its session', async () => {
  let isSignedOut = false;
  const { authenticator } = answering(() =>
    isSignedOut
      ? { is: 'invalid', message: 'The session has ended.', challenge: 'Bearer' }
      : { is: 'authenticated', principal: signedIn({ subject: 'eve' }) },
  );
  const { gateway, clock } = await startSockets(authenticator);
  const client = await openWebSocket(gateway.port, '/live/secured', ['authorization: Bearer eve']);
  isSignedOut = true;
  clock.advance(AGAIN_MS);
  expect(closeOf(await client.ended())).toEqual({ code: 1008, reason: 'the session or token is no longer valid' });
});

test('a WebSocket stays open while its credential cannot be verified, and is verified again later', async () => {
  let result: Authentication = { is: 'authenticated', principal: signedIn({ subject: 'eve' }) };
  const { state, authenticator } = answering(() => result);
  const { gateway, clock } = await startSockets(authenticator);
  const client = await openWebSocket(gateway.port, '/live/secured', ['authorization: Bearer eve']);
  result = { is: 'unverifiable', retryAfterS: 1 };
  for (let n = 1; n <= 3; n += 1) {
    clock.advance(AGAIN_MS);
    await expect.poll(() => state.verified).toBe(1 + n);
    client.socket.write(frame('a'));
    expect((await client.frames(n)).length).toBe(n);
  }
  result = { is: 'invalid', message: 'Revoked.', challenge: 'Bearer' };
  clock.advance(AGAIN_MS);
  expect(closeOf(await client.ended())?.code).toBe(1008);
});

test('a WebSocket of an anonymous caller is never verified', async () => {
  const { state, authenticator } = answering(() => ({ is: 'invalid', message: '', challenge: '' }));
  const { gateway, clock } = await startSockets(authenticator);
  const client = await openWebSocket(gateway.port, '/live');
  clock.advance(4 * AGAIN_MS);
  client.socket.write(frame('a'));
  expect([(await client.frames(1)).length, state.verified]).toEqual([1, 0]);
});

test.each(['text/event-stream', 'application/octet-stream'])(
  'an answer of type %s breaks off after its API key was revoked, and its call ends',
  async (type) => {
    const key = changingKey();
    const parts: ServerResponse[] = [];
    const { gateway, clock } = await start(key.authenticator, streaming(type, parts));
    const response = await fetch(`${gateway.origin}/secured`, { headers: key.header });
    const reader = response.body?.getReader();
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('data: 1\n\n');
    clock.advance(AGAIN_MS);
    parts[0]?.write('data: 2\n\n');
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('data: 2\n\n');
    key.revoke();
    clock.advance(AGAIN_MS);
    await expect(reader?.read()).rejects.toThrow();
    await expect.poll(() => parts[0]?.destroyed).toBe(true);
    await expect.poll(() => gateway.access.at(-1)).toMatchObject({ path: '/secured', errors: ['UNAUTHENTICATED'] });
  },
);

test('an upload is refused with 401 after its API key was revoked', async () => {
  const key = changingKey();
  const { gateway, clock } = await start(key.authenticator, (request) => void request.resume());
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const sending = fetch(`${gateway.origin}/uploads`, {
    ...{ method: 'POST', headers: key.header, body: readable, duplex: 'half' },
  });
  await writer.write(Buffer.from('first'));
  await expect.poll(() => gateway.received.length).toBe(1);
  key.revoke();
  clock.advance(AGAIN_MS);
  expect((await sending).status).toBe(401);
});

test('a file may be completed after its token has expired, and events may not', async () => {
  let isExpired = false;
  const exp = Math.floor(Date.now() / 1_000) - 1;
  // The token is accepted within the tolerance for clocks.
  const { state, authenticator } = answering(() =>
    isExpired
      ? { is: 'invalid', message: 'Invalid token: expired.', challenge: 'Bearer' }
      : { is: 'authenticated', principal: signedIn({ subject: 'eve', claims: { exp } }) },
  );
  const parts: ServerResponse[] = [];
  let type = 'text/csv';
  const { gateway, clock } = await start(authenticator, (request, response) =>
    streaming(type, parts)(request, response),
  );
  const get = () => fetch(`${gateway.origin}/secured`, { headers: { authorization: 'Bearer eve' } });
  const file = await get();
  type = 'text/event-stream; charset=utf-8';
  const events = await get();
  isExpired = true;
  clock.advance(2 * AGAIN_MS);
  await expect(events.text()).rejects.toThrow();
  parts[0]?.end('data: 2\n\n');
  expect([await file.text(), state.verified]).toEqual(['data: 1\n\ndata: 2\n\n', 3]);
});
