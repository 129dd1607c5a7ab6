import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { ANONYMOUS } from '../../request/principal.ts';
import type { Counters, Grant } from '../counters/counters.ts';
import { MemoryCounters } from '../counters/memory-counters.ts';
import { LoadShedding } from '../overload/load-shedding.ts';
import { BlockedCounters } from './blocked-counters.ts';
import type { RequestFacts } from './facts.ts';
import { LimitedRequest } from './limited-request.ts';
import { readLimits } from './read-limits.ts';
import { RuleSet } from './rule-set.ts';

const FACTS = { principal: ANONYMOUS, address: '192.0.2.1', client: null, route: '/graphql', operation: null };

const rig = (rules: readonly object[], wrap: (counters: Counters) => Counters = (counters) => counters) => {
  const { limits, problems } = readLimits(JSON.stringify({ rules }));
  if (limits === null) throw new Error(problems.join('\n'));
  const clock = manualClock();
  let holders = 0;
  const parts = {
    counters: wrap(new MemoryCounters({ clock })),
    blocked: new BlockedCounters(clock),
    holders: { ms: 60_000, next: () => `h${holders++}` },
    shedding: new LoadShedding(() => ({ delayMs: 0, utilization: 0 })),
  };
  const set = new RuleSet(limits, clock);
  const open = (facts: Partial<RequestFacts> = {}) =>
    new LimitedRequest({ ...FACTS, ...facts }, set, parts, { limited: () => {} });
  return { clock, open };
};

test('a request that ends while it is being counted returns its place', async () => {
  const answers: (() => void)[] = [];
  const late = (counters: Counters): Counters => ({
    take: async (demand) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return counters.take(demand);
    },
  });
  const { open } = rig([{ name: 'one', concurrent: 1 }], late);
  const first = open();
  const counting = first.countOnce(null);
  first.end(false);
  answers.shift()?.();
  expect(await counting).toBeNull();
  const second = open().countOnce(null);
  answers.shift()?.();
  expect(await second).toBeNull();
});

test('a request that ends while it is being counted returns its place, also with a measured rule above its limit', async () => {
  const answers: (() => void)[] = [];
  const late = (counters: Counters): Counters => ({
    take: async (demand) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return counters.take(demand);
    },
  });
  const measured = { name: 'measured', key: [], rates: ['1/1h'], mode: 'measure' };
  const { open } = rig([{ name: 'one', concurrent: 1 }, measured], late);
  for (let n = 0; n < 3; n += 1) {
    const request = open();
    const counting = request.countOnce(null);
    request.end(false);
    answers.shift()?.();
    expect(await counting).toBeNull();
  }
});

test('a request that had ended before it was counted returns its place', () => {
  const { open } = rig([{ name: 'one', concurrent: 1 }]);
  const gone = open();
  gone.end(false);
  void gone.countOnce(null);
  expect(open().countOnce(null)).toBeNull();
});

test('a refused caller is asked for again after five seconds at most, and hears the whole time', () => {
  const takes: Grant[] = [];
  const counting = (counters: Counters): Counters => ({
    take: (demand) => {
      const granted = counters.take(demand) as Grant;
      takes.push(granted);
      return granted;
    },
  });
  const { open, clock } = rig([{ name: 'day', rates: ['1/1d;algorithm=fixed-window'] }], counting);
  expect(open().countOnce(null)).toBeNull();
  expect(open().refusedBefore()).toBeNull();
  expect(open().countOnce(null)).toMatchObject({ retryMs: 86_400_000 });
  clock.advance(4_000);
  expect(open().refusedBefore()).toMatchObject({ retryMs: 86_396_000 });
  clock.advance(1_000);
  expect(open().refusedBefore()).toBeNull();
  expect(takes).toHaveLength(2);
});

test('a request is counted once, by whichever part first requires it', () => {
  const { open } = rig([{ name: 'two', rates: ['2/1m'] }]);
  const request = open();
  for (let n = 0; n < 5; n += 1) expect(request.countOnce(null)).toBeNull();
  expect(open().countOnce(null)).toBeNull();
  expect(open().countOnce(null)).not.toBeNull();
});

test('what the operation did not spend of its cost is returned to the unit, and what it spent beyond is taken', () => {
  const { open } = rig([{ name: 'cost', count: 'cost', rates: ['100/1m;algorithm=fixed-window'] }]);
  const operation = (cost: number) => ({
    ...{ name: null, kind: 'query' as const, fields: () => new Map(), rootFields: () => [] },
    ...{ argument: () => [], cost: () => cost },
  });
  const spends = (cost: number, spent: number | null) => {
    const request = open();
    const refusal = request.countOnce(operation(cost));
    if (spent !== null) request.spent(spent);
    request.end(false);
    return refusal;
  };
  expect(spends(60, 25)).toBeNull();
  expect(spends(75, 75)).toBeNull();
  expect(spends(1, 1)).not.toBeNull();
  const { open: opened } = rig([{ name: 'cost', count: 'cost', rates: ['100/1m;algorithm=fixed-window'] }]);
  const late = opened();
  expect(late.countOnce(operation(60))).toBeNull();
  late.spent(80);
  late.end(false);
  expect(opened().countOnce(operation(21))).not.toBeNull();
  expect(opened().countOnce(operation(20))).toBeNull();
});

test.each([
  [14, [4]],
  [3, []],
])(
  'an operation of 10 that ends after its client has disconnected, and cost %i, is corrected once by %j',
  (spent, expected) => {
    const settled: number[] = [];
    const recording = (counters: Counters): Counters => ({
      take: (demand) => {
        const granted = counters.take(demand) as Grant;
        const settle: Grant['settle'] = (corrections) => settled.push(...corrections.map(({ amount }) => amount));
        return { ...granted, settle };
      },
    });
    const { open } = rig([{ name: 'cost', count: 'cost', rates: ['100/1m'] }], recording);
    const request = open();
    void request.countOnce({
      ...{ name: null, kind: 'query' as const, fields: () => new Map(), rootFields: () => [] },
      ...{ argument: () => [], cost: () => 10 },
    });
    request.end(false);
    expect(settled).toEqual([]);
    request.spent(spent);
    request.end(false);
    expect(settled).toEqual(expected);
  },
);

describe('values that callers choose', () => {
  const rule = { name: 'login', key: ['client'], rates: ['2/1d'] };
  const send = ({ open }: ReturnType<typeof rig>, client: string, caller: Partial<RequestFacts> = {}) => {
    const request = open({ client, ...caller });
    const refusal = request.refusedBefore() ?? request.countOnce(null);
    if (refusal instanceof Promise || refusal === 'overloaded') throw new Error('Counted in memory.');
    return refusal === null ? 'admitted' : `${refusal.rule.name} ${refusal.retryMs}`;
  };

  test('a caller with more than 1,000 different values in ten minutes is refused further ones', () => {
    const gateway = rig([rule]);
    for (let n = 0; n < 1_000; n += 1) expect(send(gateway, `v${n}`)).toBe('admitted');
    expect(send(gateway, 'v1000')).toBe('login 600000');
    expect(send(gateway, 'v1001')).toBe('login 600000');
    expect(send(gateway, 'v7')).toBe('admitted');
    expect(send(gateway, 'v7')).toContain('login');
    gateway.clock.advance(600_000);
    expect(send(gateway, 'v1000')).toBe('admitted');
  });

  test('a value that was refused is not known afterwards', () => {
    const gateway = rig([rule]);
    for (let n = 0; n < 1_000; n += 1) send(gateway, `v${n}`);
    for (let n = 0; n < 3; n += 1) expect(send(gateway, 'refused')).toBe('login 600000');
  });

  test('a caller with too many values does not take those of others', () => {
    const gateway = rig([rule]);
    for (let n = 0; n < 1_500; n += 1) send(gateway, `v${n}`);
    expect(send(gateway, 'another', { address: '192.0.2.2' })).toBe('admitted');
  });

  test('a value that another caller has used is no further one', () => {
    const gateway = rig([rule]);
    send(gateway, 'shared', { address: '192.0.2.2' });
    for (let n = 0; n < 1_000; n += 1) send(gateway, `v${n}`);
    expect(send(gateway, 'shared')).toBe('admitted');
  });

  test('a program with an API key has ten times as many values: it may act for many users', () => {
    const gateway = rig([rule]);
    const principal = { kind: 'api-key', issuer: 'api-key', subject: 'k', owner: 'o', scopes: [], roles: [] } as const;
    const results = Array.from({ length: 10_001 }, (_, n) => send(gateway, `v${n}`, { principal }));
    expect(results.filter((one) => one === 'admitted')).toHaveLength(10_000);
  });

  test('a rule by caller counts no values', () => {
    const gateway = rig([{ ...rule, key: ['caller'], rates: ['5000/1d'] }]);
    const results = Array.from({ length: 1_500 }, (_, n) => send(gateway, `v${n}`));
    expect(new Set(results)).toEqual(new Set(['admitted']));
  });

  test('responses have no headers about the number of values', () => {
    const request = rig([rule]).open({ client: 'v' });
    void request.countOnce(null);
    expect(request.headers()).toEqual({ 'ratelimit-policy': '"login";q=2;w=86400', ratelimit: expect.any(String) });
  });
});
