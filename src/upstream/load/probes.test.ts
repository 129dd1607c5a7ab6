import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { inventoryServer } from '../../../test/support/grpc/grpc-server.ts';
import { openTransport } from '../../../test/support/grpc/grpc-transport.ts';
import { LONG_WAIT } from '../../../test/support/processes/long-wait.ts';
import { seeded } from '../../../test/support/random/seeded.ts';
import { memberAt } from '../../../test/support/upstream/balanced.ts';
import { answer, endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { stacked } from '../../../test/support/upstream/stacked.ts';
import { systemClock } from '../../core/clock.ts';
import { UpstreamError } from '../../core/errors.ts';
import { type Candidate, candidateOf } from '../balance/candidate.ts';
import type { Call, Send } from '../call.ts';
import { parseEndpoints } from '../endpoints/endpoint-list.ts';
import { trafficSettings } from '../options.ts';
import { connectUpstream } from '../upstream.ts';
import type { ProbeOptions } from './load-options.ts';
import { Probes } from './probes.ts';

const REPORT = { 'endpoint-load-metrics': 'TEXT named_metrics.rif=3,named_metrics.latency_ms=12' };

interface Rig {
  readonly options?: ProbeOptions;
  readonly hosts?: readonly string[];
  readonly weights?: readonly number[];
  readonly send?: Send;
}

/** Probes that a test answers, of candidates with these weights. */
const rig = ({ options = {}, hosts = ['a', 'b', 'c'], weights = [], send }: Rig = {}) => {
  const clock = manualClock();
  const sent: Call[] = [];
  const probes = new Probes(
    trafficSettings({ balance: { probes: { path: '/load', ...options } } }).balance.probes,
    { clock, random: seeded(1) },
    {
      protocol: 'rest',
      send: (call) => {
        sent.push(call);
        return send?.(call) ?? new Promise(() => {});
      },
    },
  );
  const candidates = hosts.map(
    (host, index): Candidate => ({ ...candidateOf(memberAt(host)), weight: weights[index] ?? 1 }),
  );
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  return { clock, sent, probes, candidates, called: () => probes.called(candidates, total, clock.now()) };
};

const reporting: Send = async () => ({ ...answer(), headers: REPORT });
const flushed = async () => {
  for (let turn = 0; turn < 10; turn++) await null;
};

test('perCall is the number of probes for each call, also below 1', async () => {
  for (const perCall of [0.25, 1, 3]) {
    const { sent, called } = rig({ options: { perCall }, send: reporting });
    for (let call = 0; call < 400; call++) {
      called();
      await flushed();
    }
    // An endpoint that is drawn twice for one call is probed once.
    expect(sent.length).toBeLessThanOrEqual(400 * perCall);
    expect(sent.length).toBeGreaterThan(perCall <= 1 ? 400 * perCall - 1 : 400 * 2);
  }
});

test('without a path, no probe is sent', () => {
  const clock = manualClock();
  const send = vi.fn<Send>(reporting);
  const { probes } = trafficSettings().balance;
  const silent = new Probes(probes, { clock, random: seeded(1) }, { protocol: 'rest', send });
  silent.called([{ ...candidateOf(memberAt('a')), weight: 1 }], 1, 0);
  expect(send.mock.calls).toEqual([]);
});

test('a hung endpoint has one probe in flight, which ends at its timeout', async () => {
  const { clock, sent, called } = rig({ hosts: ['a'] });
  for (let call = 0; call < 100; call++) called();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.signal.aborted).toBe(false);
  clock.advance(100);
  expect(sent[0]?.signal.aborted).toBe(true);
});

test('endpoints are probed by weight; one that the call could not have gone to is not probed', async () => {
  const { sent, called } = rig({ options: { perCall: 1 }, weights: [1, 3, 0], send: reporting });
  for (let call = 0; call < 1_000; call++) {
    called();
    await flushed();
  }
  const share = (host: string) => sent.filter(({ endpoint: at }) => at?.url.host === host).length / sent.length;
  expect(share('b')).toBeCloseTo(0.75, 1);
  expect(share('c')).toBe(0);
});

test('a failed probe leaves the pool as it is; an answer without a report makes the endpoint silent', async () => {
  const answers: Send[] = [
    async () => Promise.reject(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), '503', { status: 503 })),
    async () => Promise.reject(new UpstreamError('NOT_FOUND', restCall(), '404', { status: 404 })),
    async () => answer(),
    reporting,
  ];
  const silent: boolean[] = [];
  const { probes, candidates, called } = rig({
    options: { perCall: 1 },
    hosts: ['a'],
    send: async (call) => (answers.shift() ?? reporting)(call),
  });
  const [first] = candidates;
  if (first === undefined) throw new Error('no candidate');
  while (answers.length > 0) {
    called();
    await flushed();
    silent.push(probes.isSilent(first.member));
  }
  expect(silent).toEqual([false, true, true, false]);
  expect(probes.pool.of(first.member, 0)).toMatchObject({ inFlight: 3, latencyMs: 12 });
});

test('without calls, a probe is sent each idleMs for a minute, then none', async () => {
  const { clock, sent, called } = rig({ options: { idleMs: 1_000 }, send: reporting });
  called();
  await flushed();
  const first = sent.length;
  for (let second = 0; second < 300; second++) {
    clock.advance(1_000);
    await flushed();
  }
  expect(sent.length - first).toBeGreaterThan(55);
  expect(sent.length - first).toBeLessThanOrEqual(60);
  expect(clock.pending).toBe(0);
});

test('failing probes open no circuit, cost no budget and fail no call', async () => {
  const clock = manualClock();
  let probed = 0;
  const upstream = stacked(
    async ({ message }) => {
      if (message.protocol !== 'rest' || message.target !== '/load') return answer({});
      probed += 1;
      throw new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'refused', { status: 503 });
    },
    {
      clock,
      endpoints: ['a', 'b'].map((host) => endpoint(`http://${host}`)),
      traffic: { balance: { policy: 'probing', probes: { path: '/load' } } },
    },
  );
  const before = upstream.status().retryBudget;
  for (let call = 0; call < 50; call++) await upstream.send(restCall({}, { target: `/things/${call}` }));
  expect(probed).toBeGreaterThan(50);
  const { endpoints, retryBudget, total } = upstream.status();
  expect(endpoints.map(({ state }) => state)).toEqual(['up', 'up']);
  expect(retryBudget).toBeGreaterThanOrEqual(before);
  expect(total).toMatchObject({ attempts: 50, refusals: 0 });
  await upstream.close();
});

test('an endpoint that has failed is shown as avoided', async () => {
  const clock = manualClock();
  const upstream = stacked(
    async (call) => Promise.reject(new UpstreamError('UPSTREAM_ERROR', call, 'broken', { status: 500 })),
    { clock, traffic: { balance: { policy: 'probing' }, retry: false } },
  );
  await upstream.send(restCall()).catch(() => {});
  expect(upstream.status().endpoints.map(({ state }) => state)).toEqual(['avoided']);
  await upstream.close();
});

test('over HTTP, probes reach their path, and calls go to the endpoint with fewer calls in flight', async () => {
  const counts: Record<string, number> = {};
  const serverOf = async (name: string, rif: number) => {
    const server = createServer(({ url }, response) => {
      const key = `${name} ${url === '/base/load' ? 'probes' : 'calls'}`;
      counts[key] = (counts[key] ?? 0) + 1;
      response.setHeader('endpoint-load-metrics', `TEXT named_metrics.rif=${rif},named_metrics.latency_ms=${rif}`);
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}/base`;
  };
  const upstream = connectUpstream(
    {
      name: 'shop.things',
      protocol: 'rest',
      sources: parseEndpoints(`${await serverOf('busy', 50)},${await serverOf('idle', 1)}`, 'rest'),
      traffic: { balance: { policy: 'probing', probes: { path: '/load', timeoutMs: 60_000, maxAgeMs: 60_000 } } },
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );
  onTestFinished(() => upstream.close());
  const deadline = systemClock.now() + 200_000;
  const send = (at: number) => upstream.send(restCall({ deadline }, { target: `/things/${at}` }));
  await vi.waitFor(async () => {
    await send(0);
    expect(Math.min(counts['busy probes'] ?? 0, counts['idle probes'] ?? 0)).toBeGreaterThan(0);
  }, LONG_WAIT);
  const before = { ...counts };
  for (let call = 1; call <= 60; call++) await send(call);
  const since = (key: string) => (counts[key] ?? 0) - (before[key] ?? 0);
  expect(since('idle calls') + since('busy calls')).toBe(60);
  expect(since('idle calls')).toBeGreaterThan(50);
});

test('over gRPC, a method without the probe makes the endpoint silent, and calls continue', async () => {
  const server = await inventoryServer({});
  onTestFinished(() => server.stop());
  const clock = systemClock;
  const { probes } = trafficSettings({
    balance: { probes: { path: '/load.v1.Load/Report', timeoutMs: 60_000 } },
  }).balance;
  const transport = openTransport();
  onTestFinished(() => transport.close());
  const candidate = { ...candidateOf({ ...memberAt('a'), endpoint: server.endpoint }), weight: 1 };
  const probing = new Probes(probes, { clock, random: seeded(1) }, { protocol: 'grpc', send: transport.send });
  await vi.waitFor(() => {
    probing.called([candidate], 1, clock.now());
    expect(probing.isSilent(candidate.member)).toBe(true);
  }, LONG_WAIT);
});
