import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { discoveredIntrospection } from './discovered-introspection.ts';

const ISSUER = 'https://id.example';
const MINUTE = 60_000;

const start = () => {
  const clock = manualClock();
  let requests = 0;
  let endpoint: string | null = `${ISSUER}/introspect`;
  const fetch = async () => {
    requests += 1;
    if (endpoint === null) throw new Error('down');
    return Response.json({ issuer: ISSUER, introspection_endpoint: endpoint });
  };
  return {
    clock,
    urlOf: discoveredIntrospection(ISSUER, clock, { fetch: fetch as never }),
    requests: () => requests,
    publish: (url: string | null) => {
      endpoint = url;
    },
  };
};

test('the endpoint of the metadata is fetched once for concurrent tokens, and again after ten minutes', async () => {
  const { clock, urlOf, requests, publish } = start();
  expect(requests()).toBe(0);
  expect(new Set(await Promise.all([urlOf(), urlOf(), urlOf()]))).toEqual(new Set([`${ISSUER}/introspect`]));
  publish(`${ISSUER}/next`);
  clock.advance(10 * MINUTE - 1);
  expect([await urlOf(), requests()]).toEqual([`${ISSUER}/introspect`, 1]);
  clock.advance(1);
  // In the background: no token waits for it.
  expect(await urlOf()).toBe(`${ISSUER}/introspect`);
  await expect.poll(urlOf).toBe(`${ISSUER}/next`);
  expect(requests()).toBe(2);
});

test('the endpoint outlives an outage of the metadata by four hours, with an attempt each 30 seconds of use', async () => {
  const { clock, urlOf, requests, publish } = start();
  await urlOf();
  publish(null);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    clock.advance(attempt === 1 ? 10 * MINUTE : 30_000);
    expect([await urlOf(), await urlOf()]).toEqual([`${ISSUER}/introspect`, `${ISSUER}/introspect`]);
    await expect.poll(requests).toBe(1 + attempt);
    // The failed flight has ended.
    await new Promise(setImmediate);
  }
  clock.advance(4 * 60 * MINUTE);
  await expect(urlOf()).rejects.toThrow('down');
  publish(`${ISSUER}/back`);
  expect(await urlOf()).toBe(`${ISSUER}/back`);
});
