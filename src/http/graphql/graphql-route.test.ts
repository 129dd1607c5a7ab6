import { once } from 'node:events';
import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { publicRig } from '../../../test/support/http/public-rig.ts';
import { post, rawConnection } from '../../../test/support/http/raw-http.ts';
import { ClientGoneError } from '../../core/errors.ts';

const sendRequest = (origin: string, query: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });

test('a client that disconnects before the response aborts the work for it', async () => {
  await using rig = await publicRig();
  const arrived = rig.gateway.slowArrived();
  const connection = await rawConnection(rig.port);
  connection.send(post('{"query":"{ slow }"}'));
  const { signal } = await arrived;
  connection.socket.destroy();
  await once(signal, 'abort');
  expect(signal.reason).toBeInstanceOf(ClientGoneError);
});

test('a resolver that ignores its signal cannot delay the response beyond the deadline', async () => {
  const clock = manualClock();
  await using rig = await publicRig({ requestTimeoutMs: 150 }, { clock });
  const arrived = rig.gateway.slowArrived();
  const asked = sendRequest(rig.origin, '{ slow }');
  await arrived;
  clock.advance(1_000);
  const answer = await asked;
  expect(answer.status).toBe(504);
  expect(await answer.json()).toMatchObject({
    errors: [{ extensions: { code: 'TIMEOUT', requestId: answer.headers.get('x-request-id') } }],
  });
  expect(rig.gateway.slowRequests[0]?.signal.reason).toMatchObject({ code: 'TIMEOUT' });
  rig.gateway.answerSlow('too late');
  expect((await sendRequest(rig.origin, '{ hello }')).status).toBe(200);
});

test('a result that arrives right at the deadline is still sent, because partial data is better than none', async () => {
  const clock = manualClock();
  await using rig = await publicRig({ requestTimeoutMs: 100 }, { clock });
  const arrived = rig.gateway.slowArrived();
  const answer = sendRequest(rig.origin, '{ slow }');
  const { signal } = await arrived;
  signal.addEventListener('abort', () => rig.gateway.answerSlow('just in time'));
  clock.advance(100);
  expect(await (await answer).json()).toEqual({ data: { slow: 'just in time' } });
});

test('a completed request leaves no listener on the socket, and its signal does not fire later', async () => {
  const clock = manualClock();
  await using rig = await publicRig({ requestTimeoutMs: 100 }, { clock });
  const arrived = rig.gateway.slowArrived();
  const connection = await rawConnection(rig.port);
  connection.send(post('{"query":"{ slow }"}'));
  const { signal } = await arrived;
  rig.gateway.answerSlow('done');
  await connection.answers(1);
  connection.socket.destroy();
  await sendRequest(rig.origin, '{ hello }');
  clock.advance(100);
  expect(signal.aborted).toBe(false);
});

test('an unacceptable Accept header is rejected before a mutation runs', async () => {
  await using rig = await publicRig();
  for (const accept of ['image/png', 'text/html', 'application/json;q=0', 'application/json; charset=utf-16']) {
    const answer = await sendRequest(rig.origin, 'mutation { count }', { accept });
    expect([accept, answer.status]).toEqual([accept, 406]);
    expect(answer.headers.get('content-type')).toContain('application/json');
  }
  expect(rig.gateway.mutations()).toBe(0);
});

test('a subscription is rejected with a message that names the reason; the word alone is accepted', async () => {
  await using rig = await publicRig();
  const answer = await sendRequest(rig.origin, 'subscription { ticks }');
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    errors: [{ message: expect.stringContaining('Subscriptions'), extensions: { code: 'BAD_REQUEST' } }],
  });
  expect(await (await sendRequest(rig.origin, '{ echo(text: "subscription") }')).json()).toEqual({
    data: { echo: 'subscription' },
  });
});

test('a well-formed request id of the client is used throughout, any other is replaced', async () => {
  await using rig = await publicRig();
  const idFor = async (headers: Readonly<Record<string, string>>) => {
    const answer = await sendRequest(rig.origin, '{ requestId }', headers);
    const { data } = JSON.parse(await answer.text());
    expect(answer.headers.get('x-request-id')).toBe(data.requestId);
    return data.requestId;
  };
  expect(await idFor({ 'x-request-id': 'a.b:c-1' })).toBe('a.b:c-1');
  expect(await idFor({ 'x-correlation-id': 'from-elsewhere' })).toBe('from-elsewhere');
  expect(await idFor({ 'x-request-id': 'with "quotes"', 'x-correlation-id': 'b' })).toBe('b');
  expect(await idFor({ 'x-request-id': 'x'.repeat(129) })).toMatch(/^[0-9a-f-]{36}$/);
});

test('errors of the graph carry the request id, and 400 also for application/graphql-response+json', async () => {
  await using rig = await publicRig();
  const answer = await sendRequest(rig.origin, '{ nope }', { accept: 'application/graphql-response+json' });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/graphql-response+json; charset=utf-8');
  expect(await answer.json()).toMatchObject({
    errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: answer.headers.get('x-request-id') } }],
  });
});

test('a response is no-store unless the graph sets Cache-Control', async () => {
  await using rig = await publicRig();
  const headers = { 'apollo-require-preflight': 'yes' };
  const answer = await fetch(`${rig.origin}/graphql?query={hello}`, { headers });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
});

test('probes are 200 without a body', async () => {
  await using rig = await publicRig();
  for (const path of ['/livez', '/readyz']) {
    const answer = await fetch(rig.origin + path);
    expect([path, answer.status, await answer.text()]).toEqual([path, 200, '']);
  }
});
