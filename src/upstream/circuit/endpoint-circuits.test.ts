import { describe, expect, test } from 'vitest';
import {
  ADDRESS,
  circuits,
  FAILURE,
  IGNORED,
  ROUTE,
  SUCCESS,
  throttled,
} from '../../../test/support/upstream/circuits.ts';

test('a reset closes the circuit, clears its counts, and ignores attempts in flight', () => {
  const circuit = circuits();
  const [early, late] = [circuit.begin(ROUTE), circuit.begin(ROUTE)];
  circuit.fail(4);
  circuit.reset('health check');
  expect(circuit.events).toEqual([]);
  early.end(FAILURE);
  circuit.fail(4);
  expect(circuit.read()).toBe('admitted');
  circuit.fail(1);
  circuit.reset('health check');
  late.end(FAILURE);
  expect(circuit.snapshot()).toEqual([{ route: null, state: 'closed', failures: 0, opensForMs: null }]);
  expect(circuit.events.at(-1)).toEqual({
    is: 'circuit',
    address: ADDRESS,
    route: null,
    to: 'closed',
    reason: 'health check',
  });
});

test('a circuit held by an operator has the held state, and goes on counting', () => {
  const circuit = circuits();
  circuit.held.at = 'open';
  expect([circuit.read(), circuit.write()]).toEqual(['dead', 'dead']);
  circuit.held.at = 'closed';
  circuit.fail(5);
  expect([circuit.read(), circuit.write(), circuit.state()]).toEqual(['admitted', 'admitted', 'open']);
  circuit.held.at = null;
  expect(circuit.read()).toBe('ejected');
});

describe('with one circuit for each route', () => {
  test('a failing route does not eject other routes', () => {
    const circuit = circuits({ per: 'route' });
    circuit.fail(5, 'GET /sick');
    circuit.attempt(SUCCESS, 'GET /well');
    expect([circuit.read('GET /sick'), circuit.read('GET /well'), circuit.read('GET /new')]).toEqual([
      'ejected',
      'admitted',
      'admitted',
    ]);
    expect(circuit.snapshot().map(({ route, state }) => `${route} ${state}`)).toEqual([
      'GET /sick open',
      'GET /well closed',
    ]);
    expect(circuit.events).toEqual([
      { is: 'circuit', address: ADDRESS, route: 'GET /sick', to: 'open', reason: '5 failures in a row' },
    ]);
  });

  test('at most 200 routes are kept; the least recently used closed one is dropped first', () => {
    const circuit = circuits({ per: 'route' });
    circuit.fail(5, 'open');
    circuit.fail(4, 'oldest');
    circuit.fail(4, 'used again');
    for (let route = 3; route < 200; route++) circuit.attempt(SUCCESS, `GET /${route}`);
    circuit.attempt(IGNORED, 'used again');
    circuit.attempt(SUCCESS, 'one more');
    const routes = circuit.snapshot().map(({ route }) => route);
    expect(routes).toHaveLength(200);
    expect(routes).toEqual(expect.arrayContaining(['open', 'used again', 'one more']));
    expect(routes).not.toContain('oldest');
  });

  test('at most 200 routes are kept, even if all are open', () => {
    const circuit = circuits({ per: 'route', consecutiveFailures: 1 });
    for (let route = 0; route <= 200; route++) circuit.fail(1, `GET /${route}`);
    expect(circuit.snapshot()).toHaveLength(200);
    expect([circuit.read('GET /0'), circuit.read('GET /1')]).toEqual(['admitted', 'ejected']);
  });

  test('attempts of a dropped route report nothing', () => {
    const circuit = circuits({ per: 'route', consecutiveFailures: 1 });
    const late = circuit.begin('GET /forgotten');
    for (let route = 0; route < 200; route++) circuit.fail(1, `GET /${route}`);
    expect(circuit.events).toHaveLength(200);
    late.end(FAILURE);
    expect(circuit.events).toHaveLength(200);
  });
});

describe('without settings', () => {
  const paused = () => {
    const circuit = circuits(null);
    circuit.fail(1_000);
    expect(circuit.read()).toBe('admitted');
    circuit.attempt(throttled(3_000));
    return circuit;
  };

  test('only a Retry-After of the endpoint pauses calls, for exactly that time', () => {
    const circuit = paused();
    expect([circuit.read(), circuit.write(), circuit.openSince(ROUTE)]).toEqual(['paused', 'paused', 0]);
    expect(circuit.snapshot()).toEqual([{ route: null, state: 'open', failures: 0, opensForMs: 3_000 }]);
    circuit.clock.advance(2_999);
    expect(circuit.read()).toBe('paused');
    circuit.clock.advance(1);
    expect([circuit.read(), circuit.write(), circuit.openSince(ROUTE)]).toEqual(['admitted', 'admitted', null]);
    circuit.attempt(SUCCESS);
    expect(circuit.said()).toEqual(['open: requested a pause of 3 s', 'closed: pause over']);
  });

  test('the longest Retry-After applies, up to 300 seconds', () => {
    const circuit = paused();
    circuit.attempt(throttled(1_000));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(3_000);
    circuit.attempt(throttled(9e9));
    expect(circuit.snapshot()[0]?.opensForMs).toBe(300_000);
    expect(circuit.events).toHaveLength(1);
  });

  test('a reset and an operator take effect', () => {
    const circuit = paused();
    circuit.held.at = 'closed';
    expect(circuit.read()).toBe('admitted');
    circuit.held.at = 'open';
    expect(circuit.read()).toBe('dead');
    circuit.held.at = null;
    circuit.reset('health check');
    expect(circuit.read()).toBe('admitted');
    expect(circuit.said().at(-1)).toBe('closed: health check');
  });
});

test('the reason of an opening contains the code of the failure', () => {
  const circuit = circuits();
  for (let call = 0; call < 5; call += 1) circuit.begin(ROUTE).end(FAILURE, 'TIMEOUT');
  expect(circuit.events.at(-1)).toMatchObject({ to: 'open', reason: '5 failures in a row, the last: TIMEOUT' });
  circuit.clock.advance(60_000);
  circuit.begin(ROUTE).end(FAILURE, 'UPSTREAM_ERROR');
  expect(circuit.events.at(-1)).toMatchObject({ to: 'open', reason: 'probe failed: UPSTREAM_ERROR' });
});
