import { describe, expect, test } from 'vitest';
import {
  circuits,
  ERROR,
  FAILURE,
  NOTHING,
  openAfterProbes,
  ROUTE,
  SUCCESS,
  throttled,
} from '../../../test/support/circuits.ts';
import type { Permit } from '../circuits.ts';

describe('a straggler', () => {
  /** Attempts that began while it was closed, and have not ended. */
  const stragglers = (circuit: ReturnType<typeof circuits>, count: number): Permit[] =>
    Array.from({ length: count }, () => circuit.begin(ROUTE));

  test('from before it opened cannot pass for the probe, nor close it, nor make anything longer', () => {
    const circuit = circuits();
    const [one, other, third, fourth] = stragglers(circuit, 4);
    circuit.fail(5);
    one?.end(SUCCESS);
    expect(circuit.read()).toBe('ejected');
    other?.end(FAILURE);
    expect(circuit.snapshot()[0]?.failures).toBe(5);
    circuit.clock.advance(1_000);
    const probe = circuit.begin(ROUTE);
    third?.end(FAILURE);
    fourth?.end(NOTHING);
    expect([circuit.state(), circuit.read()]).toEqual(['half-open', 'ejected']);
    probe.end(SUCCESS);
    expect(circuit.state()).toBe('closed');
  });

  test('from before it closed counts for nothing', () => {
    const circuit = circuits();
    const late = stragglers(circuit, 100);
    circuit.fail(5);
    circuit.clock.advance(1_000);
    circuit.attempt(SUCCESS);
    for (const permit of late) permit.end(FAILURE);
    expect(circuit.snapshot()).toEqual([{ route: null, state: 'closed', failures: 0, opensForMs: null }]);
  });

  test('that brings a wish for a longer pause than the one under way is heard, and not for a shorter one', () => {
    const circuit = circuits();
    const [one, other] = stragglers(circuit, 2);
    circuit.attempt(throttled(3_000));
    circuit.clock.advance(100);
    one?.end(throttled(3_000));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(3_000);
    other?.end(throttled(1_000));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(3_000);
  });
});

describe('an endpoint that asks for time', () => {
  test('is paused for exactly that, then probed as usual', () => {
    const circuit = circuits({}, () => 0.9);
    circuit.attempt(throttled(3_000));
    expect([circuit.read(), circuit.write()]).toEqual(['paused', 'paused']);
    expect(circuit.said()).toEqual(['open: asked for 3 s without calls']);
    circuit.clock.advance(2_999);
    expect(circuit.read()).toBe('paused');
    circuit.clock.advance(1);
    expect(circuit.read()).toBe('admitted');
    circuit.attempt(SUCCESS);
    expect(circuit.state()).toBe('closed');
  });

  test('is left alone for 300 seconds at most', () => {
    const circuit = circuits();
    circuit.attempt(throttled(9e9));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(300_000);
  });

  test('is not the worse for it: the next failed probe opens the circuit for openMs', () => {
    const circuit = circuits();
    circuit.attempt(throttled(3_000));
    circuit.clock.advance(3_000);
    circuit.attempt(throttled(2_000));
    circuit.clock.advance(2_000);
    circuit.attempt(FAILURE);
    expect(circuit.snapshot()[0]?.opensForMs).toBe(1_000);
  });

  test('by "at once" does not ask', () => {
    const circuit = circuits();
    circuit.attempt(throttled(0));
    expect(circuit.read()).toBe('admitted');
  });

  test('while its circuit is open stays out for the longer of the two', () => {
    const circuit = openAfterProbes(1);
    const [one, other] = [circuit.begin(ROUTE), circuit.begin(ROUTE)];
    one.end(throttled(500));
    expect([circuit.read(), circuit.snapshot()[0]?.opensForMs]).toEqual(['dead', 2_000]);
    other.end(throttled(5_000));
    expect([circuit.read(), circuit.snapshot()[0]?.opensForMs]).toEqual(['paused', 5_000]);
  });
});

describe('dead is an endpoint', () => {
  test('whose probe fails after nothing but failures, until one succeeds', () => {
    const circuit = openAfterProbes(0);
    expect(circuit.read()).toBe('ejected');
    circuit.clock.advance(1_000);
    circuit.attempt(FAILURE);
    expect([circuit.read(), circuit.write()]).toEqual(['dead', 'dead']);
    circuit.clock.advance(2_000);
    const probe = circuit.begin(ROUTE);
    expect([circuit.read(), circuit.write()]).toEqual(['dead', 'dead']);
    probe.end(SUCCESS);
    circuit.fail(5);
    expect(circuit.read()).toBe('ejected');
  });

  test('that goes on failing in a row while it is used for want of a better one', () => {
    const circuit = circuits();
    circuit.fail(19);
    expect(circuit.read()).toBe('ejected');
    circuit.fail(1);
    expect(circuit.read()).toBe('dead');
  });

  test('and not one that fails in part only: its probes may fail as they like', () => {
    const circuit = circuits({ consecutiveFailures: 10, minCalls: 4 });
    circuit.attempt(SUCCESS);
    circuit.fail(3);
    expect(circuit.read()).toBe('ejected');
    for (const ms of [1_000, 2_000]) {
      circuit.clock.advance(ms);
      circuit.attempt(FAILURE);
      expect(circuit.read()).toBe('ejected');
    }
  });

  test('for the route and the caller that its failures came from, and for no other', () => {
    const circuit = circuits();
    circuit.fail(20, 'GET /search', 'mallory');
    const everybody = () => [
      circuit.read('GET /search', 'mallory'),
      circuit.read('GET /search', 'ann'),
      circuit.read('GET /things', 'mallory'),
      circuit.read('GET /things', 'ann'),
    ];
    expect(everybody()).toEqual(['dead', 'ejected', 'ejected', 'ejected']);
    circuit.fail(1, 'GET /search', 'ann');
    expect(everybody()).toEqual(['dead', 'dead', 'ejected', 'ejected']);
    circuit.fail(1, 'GET /things', 'ann');
    expect(everybody()).toEqual(['dead', 'dead', 'dead', 'dead']);
  });

  test('and not one that answers a probe with an error', () => {
    const circuit = openAfterProbes(1);
    expect(circuit.read()).toBe('dead');
    circuit.clock.advance(2_000);
    circuit.attempt(ERROR);
    expect(circuit.read()).toBe('ejected');
  });

  test.each([() => 0, Math.random])(
    'and gets one attempt a penalty period: an hour at 100 calls a second',
    (random) => {
      const circuit = circuits({}, random);
      const attempts: number[] = [];
      for (let call = 0; call < 360_000; call++) {
        circuit.clock.advance(10);
        if (circuit.standing(ROUTE, call % 4 !== 0) !== 'admitted') continue;
        attempts.push(circuit.clock.now());
        circuit.attempt(FAILURE);
      }
      expect(attempts.slice(0, 5)).toEqual([10, 20, 30, 40, 50]);
      const gaps = attempts.slice(5).map((at, index) => at - (attempts[index + 4] ?? 0));
      const least = [1, 2, 4, 8, 16, 32, ...Array<number>(gaps.length - 6).fill(60)].map((seconds) => seconds * 1_000);
      // A probe waits for a read, which is never further than 20 ms here.
      for (const [index, gap] of gaps.entries()) {
        expect(gap).toBeGreaterThanOrEqual(least[index] ?? 0);
        expect(gap).toBeLessThanOrEqual((least[index] ?? 0) * 1.1 + 20);
      }
      expect(attempts.length).toBeLessThanOrEqual(5 + 6 + 59);
    },
  );
});
