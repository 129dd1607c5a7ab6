import { expect, test } from 'vitest';
import { endpoint, restCall } from '../../../test/support/upstream/calls.ts';
import { manualDependencies, scriptedSend, settled } from '../../../test/support/upstream/scripted-send.ts';
import { UpstreamError } from '../../core/errors.ts';
import { circuitsOf } from '../circuit/endpoint-circuits.ts';
import { type CheckOptions, checkSettings, trafficSettings } from '../options.ts';
import { activeChecks } from './active-checks.ts';
import { type Member, memberWith } from './member.ts';
import { peakEwma } from './peak-ewma.ts';

const CHECK = { by: 'http', path: '/healthz' } as const;

/** Checks of members at these hosts every 10 s, answered by the test, with a manual clock. */
const checked = (hosts: readonly string[], options: CheckOptions = {}, random?: () => number) => {
  const dependencies = manualDependencies(random === undefined ? {} : { random });
  const { circuit } = trafficSettings();
  const memberOf = memberWith(peakEwma, (address) => circuitsOf(circuit, dependencies, address));
  const add = (host: string) => memberOf(endpoint(`http://${host}`), null);
  const list: { current: readonly Member[] } = { current: hosts.map(add) };
  const transport = scriptedSend();
  const returned: Member[] = [];
  const checks = activeChecks(
    {
      members: () => list.current,
      check: CHECK,
      settings: checkSettings(options),
      send: transport.send,
      loads: { reset: (member) => void returned.push(member) },
    },
    dependencies,
  );
  const advance = async (ms: number) => {
    dependencies.clock.advance(ms);
    await settled();
  };
  /** Answers the latest check, and advances to the next one. */
  const say = async (isWell: boolean) => {
    const asked = transport.sent.at(-1);
    if (isWell) asked?.reply({});
    else asked?.fail(new UpstreamError('SERVICE_UNAVAILABLE', restCall(), 'it', { status: 503 }));
    await settled();
    await advance(10_000);
  };
  const askedHosts = () => transport.sent.map(({ call }) => call.endpoint?.url.host);
  return { dependencies, list, add, transport, checks, advance, say, askedHosts, returned };
};

test('three failed checks in a row take an endpoint out, two passed ones bring it back', async () => {
  const { checks, list, say, advance, dependencies } = checked(['a']);
  const [member] = list.current;
  checks.start();
  await advance(0);
  const states: (string | undefined)[] = [];
  for (const isWell of [false, false, true, false, false, false, true, false, true, true, false]) {
    await say(isWell);
    states.push(member?.checked);
  }
  expect(states.join(' ')).toBe('up up up up up down down down down up up');
  expect(dependencies.events).toEqual([
    { is: 'endpoint', address: 'http://a', to: 'down', reason: '3 checks in a row failed: answered 503' },
    { is: 'endpoint', address: 'http://a', to: 'up', reason: '2 checks in a row passed' },
  ]);
});

test('an endpoint that comes back restarts: circuits closed, latency and load reports reset, slow start', async () => {
  const { checks, list, say, advance, dependencies, returned } = checked(['a'], { fall: 1, rise: 1 });
  const [member] = list.current;
  checks.start();
  await advance(0);
  await say(false);
  member?.latency.observe(900, { is: 'success' }, dependencies.clock.now());
  for (let failed = 0; failed < 5; failed++) member?.circuits.begin('GET /', 'anonymous').end({ is: 'failure' });
  const before = dependencies.clock.now();
  await say(true);
  expect(member).toMatchObject({ checked: 'up', warmingSince: before });
  expect(returned).toEqual([member]);
  expect(member?.circuits.snapshot()).toMatchObject([{ state: 'closed', failures: 0 }]);
  expect(member?.latency.at(dependencies.clock.now())).toBe(peakEwma().at(dependencies.clock.now()));
  expect(dependencies.events.filter(({ is }) => is === 'circuit').at(-1)).toMatchObject({
    to: 'closed',
    reason: 'health check',
  });
});

test('a passed check of an endpoint that was never down changes nothing', async () => {
  const { checks, list, say, advance, dependencies } = checked(['a']);
  const [member] = list.current;
  for (let failed = 0; failed < 5; failed++) member?.circuits.begin('GET /', 'anonymous').end({ is: 'failure' });
  checks.start();
  await advance(0);
  for (let check = 0; check < 5; check++) await say(true);
  expect(member?.circuits.snapshot()).toMatchObject([{ state: 'open' }]);
  expect(member?.warmingSince).toBeNull();
  expect(dependencies.events.filter(({ is }) => is === 'endpoint')).toEqual([]);
});

test('the first checks are spread over a tenth of the interval, beginning immediately', async () => {
  const { checks, advance, askedHosts } = checked(['a', 'b']);
  checks.start();
  await advance(0);
  expect(askedHosts()).toEqual(['a']);
  await advance(499);
  expect(askedHosts()).toEqual(['a']);
  await advance(1);
  expect(askedHosts()).toEqual(['a', 'b']);
});

test.each([
  [0, 9_000],
  [0.5, 10_000],
  [0.75, 10_500],
])('a wait varies by up to a tenth of the interval: %d', async (chance, ms) => {
  const { checks, advance, transport } = checked(['a'], {}, () => chance);
  checks.start();
  await advance(0);
  transport.at(0).reply({});
  await settled();
  await advance(ms - 1);
  expect(transport.sent).toHaveLength(1);
  await advance(1);
  expect(transport.sent).toHaveLength(2);
});

test('a check that times out has failed, and no member is checked twice at one time', async () => {
  const { checks, advance, transport, list, dependencies } = checked(['a'], {
    intervalMs: 100,
    timeoutMs: 1_000,
    fall: 1,
  });
  checks.start();
  await advance(0);
  await advance(999);
  expect(transport.sent).toHaveLength(1);
  expect(list.current[0]?.checked).toBe('up');
  await advance(1);
  expect(list.current[0]?.checked).toBe('down');
  expect(transport.at(0).call.signal.aborted).toBe(true);
  expect(dependencies.events).toMatchObject([{ to: 'down', reason: '1 check failed: no answer within 1000 ms' }]);
  await advance(0);
  expect(transport.sent).toHaveLength(2);
});

test('a new member is checked within a tenth of the interval; checks of a removed or draining one stop', async () => {
  const { checks, advance, list, add, askedHosts, transport } = checked(['a', 'b']);
  checks.start();
  await advance(500);
  const [, b] = list.current;
  if (b === undefined) throw new Error('two members were added');
  list.current = [b, add('c')];
  await advance(500);
  await advance(0);
  expect(askedHosts()).toEqual(['a', 'b', 'c']);
  expect(transport.sent.map(({ call }) => call.signal.aborted)).toEqual([true, false, false]);
  transport.at(1).reply({});
  transport.at(2).reply({});
  await settled();
  b.draining = true;
  for (let waited = 0; waited < 30; waited++) {
    transport.sent.at(-1)?.reply({});
    await advance(1_000);
  }
  expect(askedHosts().slice(3)).toEqual(['c', 'c', 'c']);
});

test('stop aborts checks in flight, ignores their results and leaves no timer; start works again', async () => {
  const { checks, advance, list, transport, dependencies } = checked(['a', 'b'], { fall: 1 });
  checks.start();
  checks.start();
  await advance(500);
  expect(transport.sent).toHaveLength(2);
  checks.stop();
  await settled();
  expect(transport.sent.map(({ call }) => call.signal.aborted)).toEqual([true, true]);
  expect(list.current.map((member) => member.checked)).toEqual(['up', 'up']);
  expect(dependencies.events).toEqual([]);
  expect(dependencies.clock.pending).toBe(0);
  await advance(60_000);
  expect(transport.sent).toHaveLength(2);
  checks.start();
  await advance(0);
  expect(transport.sent).toHaveLength(3);
  checks.stop();
});

test('checks leave circuits unchanged', async () => {
  const { checks, list, say, advance } = checked(['a'], { fall: 100 });
  checks.start();
  await advance(0);
  for (let check = 0; check < 30; check++) await say(false);
  expect(list.current[0]?.circuits.snapshot()).toMatchObject([{ state: 'closed', failures: 0 }]);
});
