import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RoutedGateway, routedGateway } from '../support/gateway/routed-gateway.ts';
import { bodiless, exchange } from '../support/http/raw-http.ts';
import { filesModule } from '../support/modules/files-module.ts';
import { routeAttacks } from './attacks/routes.ts';

/** Internal details that no response may contain. */
const LEAK = /undici|ECONN|node_modules|stack|127\.0\.0\.1|localhost|files\.files|v2|assets|\.ts\b|evil/i;

describe.each([
  ['direct edge', true],
  ['long way', false],
])('attacks on routes: %s', (_way, directEdge) => {
  let gateway: RoutedGateway;
  beforeAll(async () => {
    gateway = await routedGateway(
      [filesModule],
      (request, response) => {
        request.resume().on('end', () => response.end('ok'));
      },
      { listener: { directEdge } },
    );
  });
  beforeEach(() => {
    gateway.received.length = 0;
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test.each(routeAttacks)('$title is refused with $status, and no call is made', async ({ bytes, status }) => {
    const { answer } = await exchange(gateway.port, bytes);
    expect(answer?.status).toBe(status);
    const body = JSON.parse(answer?.body ?? '');
    const { code, requestId } = body.errors?.[0].extensions ?? body;
    expect([code, requestId]).toEqual([expect.stringMatching(/^[A-Z_]+$/), answer?.headers['x-request-id']]);
    expect(answer?.body).not.toMatch(LEAK);
    // Of a body that is refused while it arrives, the backend may have received the head.
    expect(gateway.received.filter(({ url }) => url !== '/small')).toEqual([]);
  });

  test('a safe request is answered after all attacks', async () => {
    const { answer } = await exchange(gateway.port, bodiless('GET', '/files/1'));
    expect([answer?.status, gateway.received.map(({ url }) => url)]).toEqual([200, ['/v2/files/1']]);
  });
});

test('the table has more than 90 attacks, each with its own name', () => {
  const titles = routeAttacks.map(({ title }) => title);
  expect([new Set(titles).size, titles.length > 90]).toEqual([titles.length, true]);
});
