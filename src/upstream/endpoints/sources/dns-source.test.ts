import { expect, test, vi } from 'vitest';
import { dnsServer } from '../../../../test/support/backends/dns-server.ts';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import { freePort } from '../../../../test/support/processes/ports.ts';
import type { UpstreamEvent } from '../../events.ts';
import { addressOf, type Endpoint, endpointAt } from '../endpoint.ts';
import { dnsResolver } from './dns-resolver.ts';
import { dnsSource } from './dns-source.ts';
import { followSource } from './follow-source.ts';

const NAME = 'stock.example';

const PATIENT_MS = 10_000;
const IMPATIENT_MS = 100;

const discovering = async () => {
  /** Timeout of the next query in milliseconds. */
  const limit = { ms: PATIENT_MS };
  const server = await dnsServer();
  const clock = manualClock();
  const lists: string[][] = [];
  const events: UpstreamEvent[] = [];
  const start = () =>
    followSource(
      dnsSource(
        endpointAt(`grpc://${NAME}:8080`, { weight: 3 }),
        (...query) => dnsResolver({ servers: [server.address], timeoutMs: limit.ms })(...query),
        clock,
      ),
      {
        clock,
        report: (event) => events.push(event),
        onChange: (endpoints: readonly Endpoint[]) => lists.push(endpoints.map(addressOf)),
      },
    );
  const outcomes = () => events.map((event) => (event.is === 'discovery' ? event.outcome : event.is));
  /** Advances the clock by `ms` and waits for the answers to the queries sent until then. */
  const later = async (ms: number) => {
    const before = server.asked;
    clock.advance(ms);
    // The next query is scheduled after the answer or the failure of this one.
    await vi.waitUntil(() => server.asked > before && clock.pending > 0, LONG_WAIT);
  };
  return { server, clock, lists, events, limit, outcomes, start, later };
};

test('every address of a name becomes an endpoint with the options of the name', async () => {
  const { server, lists, start } = await discovering();
  await using _ = server;
  server.set(NAME, { is: 'addresses', a: ['10.0.0.2', '10.0.0.1'], ttlS: 5 });
  const discovery = start();
  await discovery.ready;
  expect(lists).toEqual([['grpc://10.0.0.1:8080', 'grpc://10.0.0.2:8080']]);
  discovery.stop();
});

test('a change appears as soon as the records expire, and no query is sent before', async () => {
  const { server, clock, lists, start, later } = await discovering();
  await using _ = server;
  server.set(NAME, { is: 'addresses', a: ['10.0.0.1'], ttlS: 5 });
  const discovery = start();
  await discovery.ready;
  const { asked } = server;
  server.set(NAME, { is: 'addresses', a: ['10.0.0.3'], ttlS: 5 });
  clock.advance(4_999);
  expect(server.asked).toBe(asked);
  await later(1);
  expect(lists.at(-1)).toEqual(['grpc://10.0.0.3:8080']);
  discovery.stop();
  clock.advance(60_000);
  expect(clock.pending).toBe(0);
});

test.each(['nxdomain', 'servfail', 'silent'] as const)('after %s the last good list stays', async (is) => {
  const { server, lists, limit, outcomes, start, later } = await discovering();
  await using _ = server;
  server.set(NAME, { is: 'addresses', a: ['10.0.0.1'], ttlS: 1 });
  const discovery = start();
  await discovery.ready;
  server.set(NAME, { is });
  if (is === 'silent') limit.ms = IMPATIENT_MS;
  await later(1_000);
  await later(1_000);
  limit.ms = PATIENT_MS;
  expect(lists).toEqual([['grpc://10.0.0.1:8080']]);
  expect(outcomes()).toEqual(['changed', 'failed']);
  expect(discovery.snapshot()).toMatchObject({ addresses: ['grpc://10.0.0.1:8080'], answeredMsAgo: 2_000 });
  server.set(NAME, { is: 'addresses', a: ['10.0.0.9'], ttlS: 1 });
  await later(1_000);
  expect(lists.at(-1)).toEqual(['grpc://10.0.0.9:8080']);
  expect(outcomes()).toEqual(['changed', 'failed', 'changed']);
  discovery.stop();
});

test('a name that resolves again to the same addresses is reported as recovered', async () => {
  const { server, lists, outcomes, start, later } = await discovering();
  await using _ = server;
  server.set(NAME, { is: 'addresses', a: ['10.0.0.1'], ttlS: 1 });
  const discovery = start();
  await discovery.ready;
  server.set(NAME, { is: 'servfail' });
  await later(1_000);
  server.set(NAME, { is: 'addresses', a: ['10.0.0.1'], ttlS: 1 });
  await later(1_000);
  expect(outcomes()).toEqual(['changed', 'failed', 'recovered']);
  expect(lists).toHaveLength(1);
  discovery.stop();
});

test('a name with IPv6 addresses only yields these', async () => {
  const { server, lists, start } = await discovering();
  await using _ = server;
  server.set(NAME, { is: 'addresses', aaaa: ['fd00::1'], ttlS: 5 });
  const discovery = start();
  await discovery.ready;
  expect(lists).toEqual([['grpc://[fd00::1]:8080']]);
  discovery.stop();
});

test('a name of the hosts file resolves with a DNS server that does not know it', async () => {
  await using server = await dnsServer();
  server.set('localhost', { is: 'nxdomain' });
  const found = await dnsResolver({ servers: [server.address], system: true })('localhost');
  expect(found.addresses).toContain('127.0.0.1');
});

test('a name of the hosts file resolves without a DNS server', async () => {
  const servers = [`127.0.0.1:${await freePort()}`];
  const found = await dnsResolver({ servers, system: true })('localhost');
  expect(found.addresses).toContain('127.0.0.1');
  await expect(dnsResolver({ servers })('localhost')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
