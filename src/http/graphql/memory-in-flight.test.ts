import { expect, test } from 'vitest';
import { manualClock } from '../../../test/support/clock/manual-clock.ts';
import { type HeldMemory, type MemoryInFlight, memoryInFlight } from './memory-in-flight.ts';

const MIB = 1_048_576;

const query = (memory: MemoryInFlight, name: string, ended: string[]): HeldMemory => {
  const held = memory.admit(0) ?? expect.fail('not admitted');
  held.onEnd(({ code }) => void ended.push(`${name} ${code}`));
  held.mayEnd();
  return held;
};

test('above the bound the youngest large query is ended, and the oldest continues', () => {
  const ended: string[] = [];
  let refusals = 0;
  const memory = memoryInFlight(10 * MIB, manualClock(), () => {
    refusals += 1;
  });
  const [old, small, young] = ['old', 'small', 'young'].map((name) => query(memory, name, ended));
  expect(young?.grow(4 * MIB)).toBe(true);
  expect(small?.grow(100_000)).toBe(true);
  expect(old?.grow(8 * MIB)).toBe(true);
  expect(ended).toEqual(['young OVERLOADED']);
  expect(young?.grow(1)).toBe(false);
  expect(small?.grow(1)).toBe(true);
  expect(refusals).toBe(1);
});

test('a query that is too large for the bound is ended itself', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(10 * MIB, manualClock());
  expect(query(memory, 'huge', ended).grow(11 * MIB)).toBe(false);
  expect(ended).toEqual(['huge OVERLOADED']);
  expect(memory.bytes).toBe(0);
});

test('a request that must not be ended, such as a mutation, continues', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(10 * MIB, manualClock());
  const mutation = memory.admit(0);
  mutation?.onEnd(({ code }) => void ended.push(code));
  expect(mutation?.grow(11 * MIB)).toBe(true);
  expect(ended).toEqual([]);
  expect(memory.admit(0)).toBeNull();
  mutation?.release();
  expect(memory.bytes).toBe(0);
  expect(memory.admit(0)).not.toBeNull();
});

test('a new request ends a large query to make room, and is rejected if none is left', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(2 * MIB, manualClock());
  const large = query(memory, 'large', ended);
  large.grow(1.9 * MIB);
  expect(memory.admit(200_000)).not.toBeNull();
  expect(ended).toEqual(['large OVERLOADED']);
  expect(memory.admit(MIB)).toBeNull();
});

test('a response that is read slowly is cut to make room, one that is read quickly is not', () => {
  const clock = manualClock();
  const memory = memoryInFlight(2 * MIB, clock);
  const cut: string[] = [];
  const reading = (name: string): HeldMemory => {
    const held = query(memory, name, cut);
    held.grow(600_000);
    held.reads(0.8 * MIB, () => void cut.push(name));
    return held;
  };
  const slow = reading('slow');
  clock.advance(1_401);
  const quick = reading('quick');
  expect(memory.bytes).toBeLessThan(1.7 * MIB);
  expect(memory.admit(0.4 * MIB)).not.toBeNull();
  expect(cut).toEqual(['slow']);
  expect(memory.admit(0.4 * MIB)).toBeNull();
  for (const held of [slow, quick, quick]) held.release();
  expect(cut).toEqual(['slow']);
});

test('large responses of small requests that are ready together stay within the bound: the others are dropped', () => {
  const memory = memoryInFlight(10 * MIB, manualClock());
  const ended: string[] = [];
  const requests = Array.from({ length: 20 }, (_, n) => query(memory, String(n), ended));
  const sent = requests.filter((held) => held.reads(MIB, () => expect.unreachable()));
  expect(sent.length).toBeGreaterThan(6);
  expect(ended).toHaveLength(requests.length - sent.length);
  expect(memory.bytes).toBeLessThan(10 * MIB);
});

test('a large response has more time to be read: one second, and one more for each MiB', () => {
  const clock = manualClock();
  const memory = memoryInFlight(10 * MIB, clock);
  const cut: string[] = [];
  // 4 MiB, which count twice.
  query(memory, 'large', cut).reads(8 * MIB, () => void cut.push('large'));
  clock.advance(4_900);
  expect(memory.admit(MIB)).toBeNull();
  expect(cut).toEqual([]);
  clock.advance(101);
  expect(memory.admit(MIB)).not.toBeNull();
  expect(cut).toEqual(['large']);
});
