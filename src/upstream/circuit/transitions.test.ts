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

describe('a circuit opens', () => {
  test('at the fifth failure in a row, and not before', () => {
    const circuit = circuits();
    circuit.fail(4);
    expect(circuit.read()).toBe('admitted');
    circuit.attempt(SUCCESS);
    circuit.fail(4);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect([circuit.read(), circuit.write()]).toEqual(['ejected', 'ejected']);
    expect(circuit.said()).toEqual(['open: 5 failures in a row']);
  });

  test('at the failure ratio of the window, with the minimum number of calls', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20, failureRatio: 0.6 });
    for (let call = 0; call < 8; call++) circuit.attempt(SUCCESS);
    circuit.fail(11);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect(circuit.said()).toEqual(['open: 12 of 20 calls failed in 10 s']);
  });

  test('never by a success, whatever the ratio', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20 });
    circuit.fail(19);
    circuit.attempt(SUCCESS);
    expect(circuit.read()).toBe('admitted');
  });

  test('never for failures older than the window', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20 });
    circuit.fail(19);
    circuit.clock.advance(10_000);
    circuit.fail(19);
    expect(circuit.read()).toBe('admitted');
    circuit.clock.advance(8_999);
    circuit.fail(1);
    expect(circuit.read()).toBe('ejected');
  });

  test('never for throttled attempts, which may be one caller’s fault', () => {
    const circuit = circuits();
    for (let call = 0; call < 1_000; call++) circuit.attempt(throttled());
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('never for ignored attempts', () => {
    const circuit = circuits();
    for (let call = 0; call < 1_000; call++) circuit.attempt(IGNORED);
    circuit.fail(4);
    circuit.attempt(IGNORED);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect(circuit.read()).toBe('ejected');
  });
});

describe('errors', () => {
  const errors = (circuit: ReturnType<typeof circuits>, count: number, route = ROUTE, caller?: string): void => {
    for (let failed = 0; failed < count; failed++) circuit.attempt(ERROR, route, caller);
  };

  test('open the circuit at the fifth in a row without other outcomes', () => {
    const circuit = circuits();
    errors(circuit, 4);
    expect(circuit.read()).toBe('admitted');
    errors(circuit, 1);
    expect([circuit.read(), circuit.said()]).toEqual(['ejected', ['open: 5 errors in a row']]);
  });

  test('open the circuit at the fifth in a row after many successes', () => {
    const circuit = circuits();
    for (let call = 0; call < 100; call++) circuit.attempt(SUCCESS);
    errors(circuit, 5);
    expect(circuit.said()).toEqual(['open: 5 errors in a row']);
  });

  test('between successes open the circuit by their ratio', () => {
    const circuit = circuits();
    for (let call = 0; call < 6; call++) {
      errors(circuit, 2);
      circuit.attempt(SUCCESS);
    }
    errors(circuit, 1);
    expect(circuit.read()).toBe('admitted');
    errors(circuit, 1);
    expect(circuit.said()).toEqual(['open: 14 of 20 calls failed in 10 s']);
  });

  test('of one route do not open the circuit while another route succeeds, however many there are', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, 'GET /other');
    errors(circuit, 1_000);
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('of one caller do not open the circuit while another caller succeeds, however many there are', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, ROUTE, 'ann');
    errors(circuit, 1_000, ROUTE, 'mallory');
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('in a row open the circuit once they come from several routes and several callers', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, 'GET /a', 'ann');
    errors(circuit, 10, 'GET /b', 'ben');
    errors(circuit, 1, 'GET /b', 'eve');
    expect(circuit.read()).toBe('admitted');
    errors(circuit, 1, 'GET /c', 'eve');
    expect(circuit.read()).toBe('ejected');
  });

  test('never make the endpoint dead, because it answers', () => {
    const circuit = circuits();
    errors(circuit, 5);
    for (const ms of [1_000, 2_000, 4_000]) {
      errors(circuit, 100);
      circuit.clock.advance(ms);
      circuit.attempt(ERROR);
      expect(circuit.read()).toBe('ejected');
    }
    expect(circuit.snapshot()[0]?.opensForMs).toBe(8_000);
  });

  test('end a run of failures', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, 'GET /other');
    circuit.fail(4);
    circuit.attempt(ERROR);
    circuit.fail(4);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect(circuit.said()).toEqual(['open: 5 failures in a row']);
  });
});

describe('an open circuit', () => {
  test('admits a probe after openMs, one at a time, and closes by its success', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.clock.advance(999);
    expect(circuit.read()).toBe('ejected');
    circuit.clock.advance(1);
    expect(circuit.read()).toBe('admitted');
    const probe = circuit.begin(ROUTE);
    expect(circuit.read()).toBe('ejected');
    probe.end(SUCCESS);
    expect(circuit.read()).toBe('admitted');
    expect(circuit.said()).toEqual(['open: 5 failures in a row', 'half-open: probe due', 'closed: probe answered']);
    circuit.fail(4);
    expect(circuit.read()).toBe('admitted');
  });

  test('stays open twice as long after every failed probe, up to maxOpenMs, and for openMs again once it has closed', () => {
    const circuit = openAfterProbes(0);
    const times: (number | null | undefined)[] = [];
    for (let probe = 0; probe < 8; probe++) {
      const ms = circuit.snapshot()[0]?.opensForMs;
      times.push(ms);
      circuit.clock.advance(ms ?? 0);
      circuit.attempt(FAILURE);
    }
    expect(times).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    circuit.clock.advance(60_000);
    circuit.attempt(SUCCESS);
    circuit.fail(5);
    expect(circuit.snapshot()[0]?.opensForMs).toBe(1_000);
  });

  test('stays open up to a tenth longer, never shorter than openMs, never longer than maxOpenMs', () => {
    expect(openAfterProbes(0, () => 0.5).snapshot()[0]?.opensForMs).toBe(1_050);
    expect(openAfterProbes(1, () => 0.5).snapshot()[0]?.opensForMs).toBe(2_100);
    expect(openAfterProbes(6, () => 0.999).snapshot()[0]?.opensForMs).toBe(60_000);
    expect(openAfterProbes(0, () => 0).snapshot()[0]?.opensForMs).toBe(1_000);
  });

  test('closes by the success of an attempt that was sent in panic', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.attempt(SUCCESS);
    expect(circuit.read()).toBe('admitted');
    expect(circuit.said().at(-1)).toBe('closed: answered while open');
  });

  test('reports the time of its first opening through all its probes', () => {
    const circuit = circuits();
    expect(circuit.openSince(ROUTE)).toBeNull();
    circuit.clock.advance(700);
    circuit.fail(5);
    circuit.clock.advance(1_000);
    const probe = circuit.begin(ROUTE);
    expect(circuit.openSince(ROUTE)).toBe(700);
    probe.end(FAILURE);
    expect(circuit.openSince(ROUTE)).toBe(700);
    circuit.clock.advance(2_000);
    circuit.attempt(SUCCESS);
    expect(circuit.openSince(ROUTE)).toBeNull();
  });
});

describe('a probe', () => {
  test('is a read while there are reads; a write must wait for another openMs', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.clock.advance(1_000);
    expect([circuit.read(), circuit.write()]).toEqual(['admitted', 'ejected']);
    circuit.clock.advance(1_000);
    expect(circuit.write()).toBe('admitted');
  });

  test('that is ignored frees its slot, immediately for a read and after openMs for a write', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.clock.advance(1_000);
    const probe = circuit.begin(ROUTE);
    circuit.clock.advance(500);
    probe.end(IGNORED);
    expect([circuit.state(), circuit.read(), circuit.write()]).toEqual(['half-open', 'admitted', 'ejected']);
    circuit.clock.advance(1_000);
    expect(circuit.write()).toBe('admitted');
  });

  test('may be one of several at a time, and one of several successes', () => {
    const circuit = circuits({ halfOpenProbes: 2, successesToClose: 3 });
    circuit.fail(5);
    circuit.clock.advance(1_000);
    const [first, second] = [circuit.begin(ROUTE), circuit.begin(ROUTE)];
    expect(circuit.read()).toBe('ejected');
    first.end(SUCCESS);
    expect(circuit.read()).toBe('admitted');
    second.end(SUCCESS);
    expect(circuit.state()).toBe('half-open');
    circuit.attempt(SUCCESS);
    expect(circuit.state()).toBe('closed');
  });

  test('that is throttled opens the circuit for openMs again, without doubling', () => {
    const circuit = openAfterProbes(1);
    circuit.clock.advance(2_000);
    circuit.attempt(throttled());
    expect(circuit.snapshot()[0]?.opensForMs).toBe(1_000);
    expect(circuit.said().at(-1)).toBe('open: probe throttled');
    circuit.clock.advance(1_000);
    circuit.attempt(FAILURE);
    expect(circuit.snapshot()[0]?.opensForMs).toBe(4_000);
  });

  test('ends once: later outcomes of its permit are ignored', () => {
    const circuit = circuits({ consecutiveFailures: 2 });
    const permit = circuit.begin(ROUTE);
    permit.end(FAILURE);
    permit.end(FAILURE);
    permit.end(throttled(5_000));
    expect(circuit.read()).toBe('admitted');
  });
});
