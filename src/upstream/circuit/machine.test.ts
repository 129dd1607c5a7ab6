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

describe('it opens', () => {
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

  test('when the share of failures in the window is reached, once there are enough calls', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20, failureRatio: 0.6 });
    for (let call = 0; call < 8; call++) circuit.attempt(SUCCESS);
    circuit.fail(11);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect(circuit.said()).toEqual(['open: 12 of 20 calls failed in 10 s']);
  });

  test('never by a success, however bad the share', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20 });
    circuit.fail(19);
    circuit.attempt(SUCCESS);
    expect(circuit.read()).toBe('admitted');
  });

  test('never for what lies longer back than the window', () => {
    const circuit = circuits({ consecutiveFailures: 100, minCalls: 20 });
    circuit.fail(19);
    circuit.clock.advance(10_000);
    circuit.fail(19);
    expect(circuit.read()).toBe('admitted');
    circuit.clock.advance(8_999);
    circuit.fail(1);
    expect(circuit.read()).toBe('ejected');
  });

  test('never for being told that there are too many calls: that may be one caller’s fault', () => {
    const circuit = circuits();
    for (let call = 0; call < 1_000; call++) circuit.attempt(throttled());
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('never for attempts that say nothing', () => {
    const circuit = circuits();
    for (let call = 0; call < 1_000; call++) circuit.attempt(NOTHING);
    circuit.fail(4);
    circuit.attempt(NOTHING);
    expect(circuit.read()).toBe('admitted');
    circuit.fail(1);
    expect(circuit.read()).toBe('ejected');
  });
});

describe('errors', () => {
  const errors = (circuit: ReturnType<typeof circuits>, count: number, route = ROUTE, caller?: string): void => {
    for (let failed = 0; failed < count; failed++) circuit.attempt(ERROR, route, caller);
  };

  test('open it at the fifth in a row where nothing else was answered', () => {
    const circuit = circuits();
    errors(circuit, 4);
    expect(circuit.read()).toBe('admitted');
    errors(circuit, 1);
    expect([circuit.read(), circuit.said()]).toEqual(['ejected', ['open: 5 errors in a row']]);
  });

  test('open it at the fifth in a row however much was answered before', () => {
    const circuit = circuits();
    for (let call = 0; call < 100; call++) circuit.attempt(SUCCESS);
    errors(circuit, 5);
    expect(circuit.said()).toEqual(['open: 5 errors in a row']);
  });

  test('that come between answers open it by their share of the calls', () => {
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

  test('of one route do not open it while another route is answered, however many they are', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, 'GET /other');
    errors(circuit, 1_000);
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('of one caller do not open it while another caller is answered, however many they are', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, ROUTE, 'ann');
    errors(circuit, 1_000, ROUTE, 'mallory');
    expect([circuit.read(), circuit.said()]).toEqual(['admitted', []]);
  });

  test('in a row open it once they are of several routes and several callers', () => {
    const circuit = circuits();
    circuit.attempt(SUCCESS, 'GET /a', 'ann');
    errors(circuit, 10, 'GET /b', 'ben');
    errors(circuit, 1, 'GET /b', 'eve');
    expect(circuit.read()).toBe('admitted');
    errors(circuit, 1, 'GET /c', 'eve');
    expect(circuit.read()).toBe('ejected');
  });

  test('never make it dead: the endpoint answers', () => {
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

describe('while it is open', () => {
  test('a probe is due after openMs, one at a time, and closes it by succeeding', () => {
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
    expect(circuit.said()).toEqual([
      'open: 5 failures in a row',
      'half-open: time for a probe',
      'closed: probe answered',
    ]);
    circuit.fail(4);
    expect(circuit.read()).toBe('admitted');
  });

  test('it stays so twice as long after every failed probe, up to maxOpenMs, and as at first once it has closed', () => {
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

  test('it stays so for up to a tenth longer, never shorter than openMs, never longer than maxOpenMs', () => {
    expect(openAfterProbes(0, () => 0.5).snapshot()[0]?.opensForMs).toBe(1_050);
    expect(openAfterProbes(1, () => 0.5).snapshot()[0]?.opensForMs).toBe(2_100);
    expect(openAfterProbes(6, () => 0.999).snapshot()[0]?.opensForMs).toBe(60_000);
    expect(openAfterProbes(0, () => 0).snapshot()[0]?.opensForMs).toBe(1_000);
  });

  test('a success of an attempt that was let through all the same closes it', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.attempt(SUCCESS);
    expect(circuit.read()).toBe('admitted');
    expect(circuit.said().at(-1)).toBe('closed: answered although it was open');
  });

  test('it says since when, through all its probes', () => {
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
  test('is a read as long as there are reads: a write waits for openMs more', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.clock.advance(1_000);
    expect([circuit.read(), circuit.write()]).toEqual(['admitted', 'ejected']);
    circuit.clock.advance(1_000);
    expect(circuit.write()).toBe('admitted');
  });

  test('that says nothing gives its place back, for a read at once and for a write after openMs', () => {
    const circuit = circuits();
    circuit.fail(5);
    circuit.clock.advance(1_000);
    const probe = circuit.begin(ROUTE);
    circuit.clock.advance(500);
    probe.end(NOTHING);
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

  test('that is told of too many calls opens it for openMs again, and makes nothing longer', () => {
    const circuit = openAfterProbes(1);
    circuit.clock.advance(2_000);
    circuit.attempt(throttled());
    expect(circuit.snapshot()[0]?.opensForMs).toBe(1_000);
    expect(circuit.said().at(-1)).toBe('open: probe was told that there are too many calls');
    circuit.clock.advance(1_000);
    circuit.attempt(FAILURE);
    expect(circuit.snapshot()[0]?.opensForMs).toBe(4_000);
  });

  test('ends once: what its permit is told later is not heard', () => {
    const circuit = circuits({ consecutiveFailures: 2 });
    const permit = circuit.begin(ROUTE);
    permit.end(FAILURE);
    permit.end(FAILURE);
    permit.end(throttled(5_000));
    expect(circuit.read()).toBe('admitted');
  });
});
