import { expect, test as plainTest, vi } from 'vitest';
import { type DnsRecords, noDnsmasq, startDnsmasq } from '../../../../test/support/backends/dnsmasq.ts';
import { manualClock } from '../../../../test/support/clock/manual-clock.ts';
import { LONG_WAIT } from '../../../../test/support/processes/long-wait.ts';
import { systemClock } from '../../../core/clock.ts';
import type { UpstreamEvent } from '../../events.ts';
import { addressOf, BACKUP_PRIORITY, type Endpoint } from '../endpoint.ts';
import { parseEndpoints } from '../endpoint-list.ts';
import { dnsResolver } from './dns-resolver.ts';
import { followSource } from './follow-source.ts';
import { openSource } from './open-source.ts';
import { srvResolver } from './srv-resolver.ts';

const test = plainTest.skipIf(noDnsmasq !== null);

const NAME = '_orders._tcp.internal';
const TTL_S = 5;

const srv = (target: string, port: number, priority = 0, weight = 0): string =>
  `--srv-host=${NAME},${target},${port},${priority},${weight}`;
const host = (name: string, ip: string): string => `--host-record=${name},${ip}`;

const following = async (records: DnsRecords, entry = `srv+https://${NAME}/api`) => {
  const dns = await startDnsmasq(records, TTL_S);
  const clock = manualClock();
  const lists: (readonly Endpoint[])[] = [];
  const events: UpstreamEvent[] = [];
  const servers = [dns.address];
  const open = openSource({
    clock,
    resolve: dnsResolver({ servers, timeoutMs: 10_000 }),
    resolveSrv: srvResolver({ servers, timeoutMs: 10_000, clock: systemClock }),
  });
  const [parsed] = parseEndpoints(entry, 'rest');
  const source = parsed === undefined ? null : open(parsed, 'orders.orders');
  if (source === null) throw new Error('no source');
  const followed = followSource(source, {
    clock,
    report: (event) => events.push(event),
    onChange: (endpoints) => lists.push(endpoints),
  });
  await followed.ready;
  /** Advances the clock by `ms` and waits for the end of the query that is due then. */
  const later = async (ms: number) => {
    clock.advance(ms);
    await vi.waitUntil(() => clock.pending > 0, LONG_WAIT);
  };
  const outcomes = () => events.flatMap((event) => (event.is === 'discovery' ? [event.outcome] : []));
  return {
    dns,
    clock,
    lists,
    followed,
    later,
    outcomes,
    [Symbol.asyncDispose]: async () => {
      followed.stop();
      await dns.stop();
    },
  };
};

const shown = (endpoints: readonly Endpoint[] | undefined) =>
  endpoints?.map(({ url, ip, priority, weight }) => [url.href, ip, priority, weight]);

test('records become endpoints with port, rank of the priority and weight; the target is the name for TLS', async () => {
  await using under = await following([
    srv('a.internal', 8081, 10, 60),
    srv('b.internal', 8082, 10, 40),
    srv('c.internal', 8083, 20, 0),
    host('a.internal', '10.0.0.1'),
    host('b.internal', '10.0.0.2'),
    host('c.internal', '10.0.0.3'),
  ]);
  expect(shown(under.lists[0])).toEqual([
    ['https://a.internal:8081/api', '10.0.0.1', 0, 60],
    ['https://b.internal:8082/api', '10.0.0.2', 0, 40],
    ['https://c.internal:8083/api', '10.0.0.3', 1, 0.01],
  ]);
});

test('records of weight 0 only have equal shares, and the addresses of a target share its weight', async () => {
  await using under = await following([
    srv('a.internal', 8081),
    srv('b.internal', 8082),
    host('a.internal', '10.0.0.1'),
    host('a.internal', '10.0.0.2'),
    host('b.internal', '10.0.0.3'),
  ]);
  expect(shown(under.lists[0])?.map(([, ip, , weight]) => [ip, weight])).toEqual([
    ['10.0.0.1', 0.5],
    ['10.0.0.2', 0.5],
    ['10.0.0.3', 1],
  ]);
});

test('options after ; apply to every record', async () => {
  const records = [srv('a.internal', 8081, 1, 3), host('a.internal', '10.0.0.1')];
  const entry = `srv+http://${NAME};weight=2;backup;zone=z;max=9;labels=version:v2`;
  await using under = await following(records, entry);
  expect(under.lists[0]).toMatchObject([
    {
      weight: 6,
      priority: BACKUP_PRIORITY,
      zone: 'z',
      max: 9,
      labels: { version: 'v2' },
      source: `srv+http://${NAME}`,
    },
  ]);
});

test('a change appears when the time to live is over, and no query is sent before', async () => {
  await using under = await following([srv('a.internal', 8081), host('a.internal', '10.0.0.1')]);
  await under.dns.set([srv('a.internal', 9_000), host('a.internal', '10.0.0.1')]);
  under.clock.advance(TTL_S * 1_000 - 1);
  expect(under.clock.pending).toBe(1);
  await under.later(1);
  expect(under.lists.map((list) => list.map(addressOf))).toEqual([
    ['https://10.0.0.1:8081'],
    ['https://10.0.0.1:9000'],
  ]);
});

test('an outage keeps the last list and is reported once', async () => {
  const records = [srv('a.internal', 8081), host('a.internal', '10.0.0.1')];
  await using under = await following(records);
  await under.dns.stop();
  await under.later(5_000);
  await under.later(1_000);
  expect(under.followed.snapshot()).toMatchObject({
    addresses: ['https://10.0.0.1:8081'],
    failure: 'ECONNREFUSED',
    answeredMsAgo: 6_000,
  });
  await under.dns.set(records);
  await under.later(1_000);
  expect(under.outcomes()).toEqual(['changed', 'failed', 'recovered']);
  expect(under.lists).toHaveLength(1);
});

test('a name without records keeps the last list', async () => {
  await using under = await following([srv('a.internal', 8081), host('a.internal', '10.0.0.1')]);
  await under.dns.set(['--local=/internal/']);
  await under.later(5_000);
  expect(under.followed.snapshot()).toMatchObject({ addresses: ['https://10.0.0.1:8081'], failure: 'ENOTFOUND' });
});

test('a target that does not resolve keeps its last addresses; one that never did is left out', async () => {
  await using under = await following([srv('a.internal', 8081), host('a.internal', '10.0.0.1'), '--local=/internal/']);
  await under.dns.set([
    srv('a.internal', 8081),
    srv('b.internal', 8082),
    srv('c.internal', 8083),
    host('b.internal', '10.0.0.2'),
    '--local=/internal/',
  ]);
  await under.later(5_000);
  expect(under.lists.at(-1)?.map(addressOf)).toEqual(['https://10.0.0.1:8081', 'https://10.0.0.2:8082']);
  expect(under.followed.snapshot().failure).toMatch(/^[ac]\.internal: ENOTFOUND$/);
});

test('an answer that is too long for UDP is read over TCP', async () => {
  const many = Array.from({ length: 60 }, (_, at) => at + 1);
  await using under = await following([
    ...many.map((at) => srv(`a-rather-long-name-of-a-target-${at}.internal`, 8_000 + at)),
    ...many.map((at) => host(`a-rather-long-name-of-a-target-${at}.internal`, `10.0.0.${at}`)),
  ]);
  expect(under.lists[0]).toHaveLength(60);
});
