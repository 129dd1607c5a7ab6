import { expect, test } from 'vitest';
import { FairShares } from './fair-shares.ts';

const filled = (shares: FairShares, holder: string): number => {
  let count = 0;
  while (shares.hasRoom(holder)) {
    shares.add(holder);
    count += 1;
  }
  return count;
};

test('each holder has less room than those before it, and a new one has some', () => {
  const shares = new FairShares(200);
  expect(['a', 'b', 'c', 'd'].map((holder) => filled(shares, holder))).toEqual([100, 50, 25, 13]);
  expect([shares.hasRoom('a'), shares.hasRoom('e')]).toEqual([false, true]);
});

test('no number of holders has more than the room', () => {
  const shares = new FairShares(200);
  let total = 0;
  for (let n = 0; n < 300; n += 1) total += filled(shares, `n${n}`);
  expect(total).toBe(200);
  expect(shares.hasRoom('another')).toBe(false);
});

test('the room of removed shares is free', () => {
  const shares = new FairShares(200);
  expect(filled(shares, 'a')).toBe(100);
  for (let n = 0; n < 100; n += 1) shares.remove('a');
  expect([filled(shares, 'b'), filled(shares, 'a')]).toEqual([100, 50]);
});
