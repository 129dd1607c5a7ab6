import { expect, test } from 'vitest';
import { IntrospectionFlights } from './introspection-flights.ts';

const filled = (networks: readonly string[]) => {
  const flights = new IntrospectionFlights<void>();
  const ends: (() => void)[] = [];
  const started = networks.map((network) => {
    let count = 0;
    while (flights.hasRoom(network)) {
      void flights.start(`${network}-${count}`, network, new Promise((resolve) => void ends.push(resolve)));
      count += 1;
    }
    return count;
  });
  return { flights, started, ends };
};

test('each network has less room than those before it, and a new one has some', () => {
  const { flights, started } = filled(['a', 'b', 'c', 'd']);
  expect(started).toEqual([100, 50, 25, 13]);
  expect([flights.hasRoom('a'), flights.hasRoom('e')]).toEqual([false, true]);
});

test('no number of networks has more than 200 requests in flight', () => {
  const { flights, started } = filled(Array.from({ length: 300 }, (_, n) => `n${n}`));
  expect(started.reduce((sum, count) => sum + count)).toBe(200);
  expect(flights.hasRoom('another')).toBe(false);
});

test('the room of ended requests is free', async () => {
  const { flights, ends } = filled(['a']);
  for (const end of ends) end();
  await new Promise(setImmediate);
  expect([flights.hasRoom('a'), flights.get('a-0')]).toEqual([true, undefined]);
});
