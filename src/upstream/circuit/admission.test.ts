import { describe, expect, test } from 'vitest';
import {
  circuits,
  ERROR,
  FAILURE,
  IGNORED,
  openAfterProbes,
  ROUTE,
  SUCCESS,
  throttled,
} from '../../../test/support/upstream/circuits.ts';
import type { Permit } from './circuit.ts';

describe('a straggler', () => {
  /** Attempts that began while the circuit was closed and have not ended. */
  const stragglers = (circuit: ReturnType<typeof circuits>, count: number): Permit[] =>
    Array.from({ length: count }, () => circuit.begin(ROUTE));

  test('from before an opening is not the probe, does not close the circuit and does not prolong it', () => {
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
    fourth?.end(IGNORED);
    expect([circuit.state(), circuit.read()]).toEqual(['half-open', 'ejected']);
    probe.end(SUCCESS);
    expect(circuit.state()).toBe('closed');
  });

  test('from before the circuit closed is ignored', () => {
    const circuit = circuits();
    const late = stragglers(circuit, 100);
    circuit.fail(5);
    circuit.clock.advance(1_000);
    circuit.attempt(SUCCESS);
    for (const permit of late) permit.end(FAILURE);
    expect(circuit.snapshot()).toEqual([{ route: null, state: 'closed', failures: 0, opensForMs: null }]);
  });

  test('with a longer Retry-After extends the current pause; a shorter one does not', () => {
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

describe('a Retry-After of an endpoint', () => {
  test('pauses it for exactly that time, then it is probed as usual', () => {
    const circuit = circuits({}, () => 0.9);
    circuit.attempt(throttled(3_000));
    expect([circuit.read(), circuit.write()]).toEqual(['paused', 'paused']);
    expect(circuit.said()).toEqual(['open: requested a pause of 3 s']);
    circuit.clock.advance(2_999);
    expect(circuit.read()).toBe('paused');
    circuit.clock.advance(1);
    expect(circuit.read()).toBe('admitted');
    circuit.attempt(SUCCESS);
    expect(circuit.state()).toBe('closed');
  });

  test('pauses it for 300 seconds at most', () => {
    const circuit = circuits();
    circuit.attempt(throttled(9e9));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(300_000);
  });

  test('does not double the next opening: a failed probe opens the circuit for openMs', () => {
    const circuit = circuits();
    circuit.attempt(throttled(3_000));
    circuit.clock.advance(3_000);
    circuit.attempt(throttled(2_000));
    circuit.clock.advance(2_000);
    circuit.attempt(FAILURE);
    expect(circuit.snapshot()[0]?.opensForMs).toBe(1_000);
  });

  test('of 0 is no pause', () => {
    const circuit = circuits();
    circuit.attempt(throttled(0));
    expect(circuit.read()).toBe('admitted');
  });

  test('during an opening keeps it out for the longer of the two', () => {
    const circuit = openAfterProbes(1);
    const [one, other] = [circuit.begin(ROUTE), circuit.begin(ROUTE)];
    one.end(throttled(500));
    expect([circuit.read(), circuit.snapshot()[0]?.opensForMs]).toEqual(['dead', 2_000]);
    other.end(throttled(5_000));
    expect([circuit.read(), circuit.snapshot()[0]?.opensForMs]).toEqual(['paused', 5_000]);
  });
});

describe('an endpoint is dead', () => {
  test('after a failed probe without any success before, until a probe succeeds', () => {
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

  test('after enough failures in a row while it is used for lack of a better one', () => {
    const circuit = circuits();
    circuit.fail(19);
    expect(circuit.read()).toBe('ejected');
    circuit.fail(1);
    expect(circuit.read()).toBe('dead');
  });

  test('never if it fails only in part, whatever its probes do', () => {
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

  test('for the route and the caller of its failures only', () => {
    const circuit = circuits();
    circuit.fail(20, 'GET /search', 'mallory');
    const admissions = () => [
      circuit.read('GET /search', 'mallory'),
      circuit.read('GET /search', 'ann'),
      circuit.read('GET /things', 'mallory'),
      circuit.read('GET /things', 'ann'),
    ];
    expect(admissions()).toEqual(['dead', 'ejected', 'ejected', 'ejected']);
    circuit.fail(1, 'GET /search', 'ann');
    expect(admissions()).toEqual(['dead', 'dead', 'ejected', 'ejected']);
    circuit.fail(1, 'GET /things', 'ann');
    expect(admissions()).toEqual(['dead', 'dead', 'dead', 'dead']);
  });

  test('never if it answers a probe with an error', () => {
    const circuit = openAfterProbes(1);
    expect(circuit.read()).toBe('dead');
    circuit.clock.advance(2_000);
    circuit.attempt(ERROR);
    expect(circuit.read()).toBe('ejected');
  });

  test.each([() => 0, Math.random])('with one attempt in each opening: an hour at 100 calls a second', (random) => {
    const circuit = circuits({}, random);
    const attempts: number[] = [];
    for (let call = 0; call < 360_000; call++) {
      circuit.clock.advance(10);
      if (circuit.admission(ROUTE, call % 4 !== 0) !== 'admitted') continue;
      attempts.push(circuit.clock.now());
      circuit.attempt(FAILURE);
    }
    expect(attempts.slice(0, 5)).toEqual([10, 20, 30, 40, 50]);
    const gaps = attempts.slice(5).map((at, index) => at - (attempts[index + 4] ?? 0));
    const least = [1, 2, 4, 8, 16, 32, ...Array<number>(gaps.length - 6).fill(60)].map((seconds) => seconds * 1_000);
    // A probe waits for a read, at most 20 ms here.
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(least[index] ?? 0);
      expect(gap).toBeLessThanOrEqual((least[index] ?? 0) * 1.1 + 20);
    }
    expect(attempts.length).toBeLessThanOrEqual(5 + 6 + 59);
  });
});
