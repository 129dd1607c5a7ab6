import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Place, Queue } from './linked-queue.ts';

test('values leave in the order in which they joined', () => {
  const queue = new Queue<string>();
  for (const name of ['a', 'b', 'c']) queue.join(name);
  expect([queue.next(), queue.next(), queue.next(), queue.next()]).toEqual(['a', 'b', 'c', undefined]);
});

test('random joins, leaves and takes match those of an array', () => {
  const step = fc.oneof(fc.constant('join' as const), fc.constant('next' as const), fc.nat({ max: 20 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new Queue<number>();
      const places: Place<number>[] = [];
      let model: number[] = [];
      for (const one of steps) {
        if (one === 'join') {
          model.push(places.length);
          places.push(queue.join(places.length));
        } else if (one === 'next') expect(queue.next()).toBe(model.shift());
        else {
          const place = places[one];
          if (place !== undefined) queue.leave(place);
          model = model.filter((value) => value !== one);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});
