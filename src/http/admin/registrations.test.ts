import { expect, onTestFinished, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { silent } from '../../../test/support/http/public-rig.ts';
import { systemClock } from '../../core/clock.ts';
import type { AuditEvent } from '../../telemetry/audit/audit-event.ts';
import type { LeaseStore } from '../../upstream/endpoints/registrations/lease-store.ts';
import { memoryLeases } from '../../upstream/endpoints/registrations/memory-leases.ts';
import { openRegistrations } from '../../upstream/endpoints/registrations/registrations.ts';
import { createAdminListener } from './admin-listener.ts';

const TOKENS: Readonly<Record<string, readonly string[]>> = {
  'orders.orders': ['token-of-orders-1', 'token-of-orders-2'],
  'catalog.products': ['token-of-catalog'],
  'absent.absent': ['token-of-absent'],
};
const PATH = '/registrations/orders.orders/pod-1';
const ADDRESS = 'http://10.0.0.5:8080';

const admin = async (store: LeaseStore = memoryLeases(manualClock())) => {
  const registrations = openRegistrations({ store, clock: manualClock(), networks: ['10.0.0.0/8', 'fd00::/8'] });
  for (const upstream of ['orders.orders', 'catalog.products'])
    registrations.source(upstream, { by: 'registered', protocol: 'rest', options: {} });
  const audited: AuditEvent[] = [];
  const app = createAdminListener({
    clock: systemClock,
    log: silent,
    audit: { record: (event) => void audited.push(event) },
    readiness: () => true,
    health: async () => ({ upstreams: {} }),
    registrations: { ...registrations, tokensOf: (upstream) => TOKENS[upstream] ?? [] },
  });
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    token: string | null = 'token-of-orders-1',
    key: string | null = null,
  ) => {
    const answer = await fetch(new URL(path, base), {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(key !== null && { 'registration-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: text === '' ? null : JSON.parse(text) };
  };
  return { send, audited };
};

test('an endpoint registers, renews, is listed and leaves', async () => {
  const { send } = await admin();
  const body = { address: ADDRESS, weight: 2, zone: 'a', labels: { version: 'v2' }, ttlMs: 5_000 };
  expect(await send('PUT', PATH, body)).toMatchObject({ status: 200, body: { id: 'pod-1', ...body } });
  expect(await send('PUT', PATH, body, 'token-of-orders-2')).toMatchObject({ status: 200 });
  expect((await send('GET', '/registrations', undefined, null)).body).toEqual({
    registrations: [{ upstream: 'orders.orders', id: 'pod-1', ...body, expiresInMs: 5_000 }],
  });
  expect(await send('DELETE', `${PATH}?address=${ADDRESS}`)).toMatchObject({ status: 204 });
  expect((await send('GET', '/registrations', undefined, null)).body).toEqual({ registrations: [] });
});

test.each([null, 'token-of-catalog', 'token-of-orders-', ''])('the token %j is rejected', async (token) => {
  const { send } = await admin();
  expect(await send('PUT', PATH, { address: ADDRESS }, token)).toMatchObject({ status: 401 });
  expect(await send('DELETE', `${PATH}?address=${ADDRESS}`, undefined, token)).toMatchObject({ status: 401 });
  expect((await send('GET', '/registrations')).body).toEqual({ registrations: [] });
});

test.each([
  ['http://192.168.0.1', 403, 'The address is outside REGISTRATION_NETWORKS.'],
  ['http://169.254.169.254', 403, 'The address is outside REGISTRATION_NETWORKS.'],
  ['http://orders.internal', 400, 'must have an IP address as its host'],
  ['http://10.0.0.5/?key=secret', 400, 'must have no query or fragment'],
  ['http://user:secret@10.0.0.5', 400, 'must not carry credentials'],
  ['grpc://10.0.0.5', 400, 'is not for a rest upstream'],
])('the address %s is rejected', async (address, status, message) => {
  const { send } = await admin();
  const answer = await send('PUT', PATH, { address });
  expect(answer).toMatchObject({ status });
  expect(answer.text).toContain(message);
  expect(answer.text).not.toContain('secret');
});

test.each([
  [{}, 'address: '],
  [{ address: ADDRESS, ttlMs: 999 }, 'ttlMs: '],
  [{ address: ADDRESS, ttlMs: 300_001 }, 'ttlMs: '],
  [{ address: ADDRESS, weight: 0 }, 'weight: '],
  [{ address: ADDRESS, zone: 'a b' }, 'zone: must be a name'],
  [{ address: ADDRESS, labels: { 'a b': 'c' } }, 'labels: must be at most 16 names and values'],
  [{ address: ADDRESS, prioriti: 1 }, 'prioriti'],
])('the body %j is rejected', async (body, message) => {
  const { send } = await admin();
  const answer = await send('PUT', PATH, body);
  expect(answer).toMatchObject({ status: 400 });
  expect(answer.text).toContain(message);
});

test('the id of another address, an invalid id and an upstream without registrations are rejected', async () => {
  const { send } = await admin();
  await send('PUT', PATH, { address: ADDRESS });
  const taken = await send('PUT', PATH, { address: 'http://10.0.0.6' });
  expect(taken).toMatchObject({ status: 409 });
  expect(taken.text).toContain('is registered with another key or address');
  expect(await send('DELETE', `${PATH}?address=http://10.0.0.6`)).toMatchObject({ status: 409 });
  expect(await send('DELETE', PATH)).toMatchObject({ status: 400 });
  expect(await send('PUT', '/registrations/orders.orders/a%20b', { address: ADDRESS })).toMatchObject({ status: 400 });
  const absent = await send('PUT', '/registrations/absent.absent/a', { address: ADDRESS }, 'token-of-absent');
  expect(absent).toMatchObject({ status: 404 });
});

test('a registration with a key is renewed, moved and ended with this key only', async () => {
  const { send } = await admin();
  const put = (address: string, key: string | null) => send('PUT', PATH, { address }, 'token-of-orders-1', key);
  const leave = (path: string, key: string | null) => send('DELETE', path, undefined, 'token-of-orders-1', key);
  const [own, other] = ['key-of-pod-1-aaaa', 'key-of-pod-2-bbbb'];
  expect(await put(ADDRESS, own)).toMatchObject({ status: 200 });
  expect(await put(ADDRESS, own)).toMatchObject({ status: 200 });
  for (const key of [null, other]) {
    expect(await put(ADDRESS, key)).toMatchObject({ status: 409 });
    expect(await leave(`${PATH}?address=${ADDRESS}`, key)).toMatchObject({ status: 409 });
  }
  expect(await put('http://10.0.0.6', own)).toMatchObject({ status: 200 });
  const { body, text } = await send('GET', '/registrations');
  expect(body).toMatchObject({ registrations: [{ address: 'http://10.0.0.6' }] });
  expect(text).not.toContain(own);
  expect(await leave(PATH, own)).toMatchObject({ status: 204 });
  expect((await send('GET', '/registrations')).body).toEqual({ registrations: [] });
});

test.each(['short', 'k'.repeat(129), 'with a space in it'])('the key %j is rejected', async (key) => {
  const { send } = await admin();
  const answer = await send('PUT', PATH, { address: ADDRESS }, 'token-of-orders-1', key);
  expect(answer).toMatchObject({ status: 400 });
  expect(answer.text).not.toContain(key);
});

test('without an answer of the store the status is 503', async () => {
  const down = async () => Promise.reject(new Error('the store is unavailable'));
  const { send } = await admin({ put: down, leave: down, list: down });
  const answer = await send('PUT', PATH, { address: ADDRESS });
  expect(answer).toMatchObject({ status: 503 });
  expect(answer.text).toContain('Redis does not answer; known registrations stay in use.');
  expect(await send('GET', '/registrations')).toMatchObject({ status: 503 });
});

test('the audit log has registrations, moves and ends, and no renewals', async () => {
  const { send, audited } = await admin();
  const key = 'key-of-pod-1-canary';
  const put = (address: string) => send('PUT', PATH, { address }, 'token-of-orders-1', key);
  for (const address of [ADDRESS, ADDRESS, ADDRESS, 'http://10.0.0.6']) await put(address);
  await send('DELETE', PATH, undefined, 'token-of-orders-1', key);
  await send('DELETE', PATH, undefined, 'token-of-orders-1', key);
  const target = { upstream: 'orders.orders', id: 'pod-1' };
  const actor = { kind: 'backend', upstream: 'orders.orders' };
  expect(audited).toMatchObject([
    { event: 'registration.set', actor, target: { ...target, address: ADDRESS } },
    { event: 'registration.set', actor, target: { ...target, address: 'http://10.0.0.6' } },
    { event: 'registration.ended', actor, target },
  ]);
  expect(JSON.stringify(audited)).not.toMatch(/canary|token-of/);
});
