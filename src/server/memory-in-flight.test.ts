import { expect, test } from 'vitest';
import { type HeldMemory, type MemoryInFlight, memoryInFlight } from './memory-in-flight.ts';

const MIB = 1_048_576;

const query = (memory: MemoryInFlight, name: string, ended: string[]): HeldMemory => {
  const held = memory.admit(0) ?? expect.fail('not admitted');
  held.onEnd(({ code }) => void ended.push(`${name} ${code}`));
  held.mayEnd();
  return held;
};

test('beyond the bound the youngest large query ends, and the oldest goes on', () => {
  const ended: string[] = [];
  let refusals = 0;
  const memory = memoryInFlight(10 * MIB, () => {
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

test('a query that cannot fit by itself ends itself', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(10 * MIB);
  expect(query(memory, 'huge', ended).grow(11 * MIB)).toBe(false);
  expect(ended).toEqual(['huge OVERLOADED']);
  expect(memory.bytes).toBe(0);
});

test('a request that was not marked, such as a mutation, is not ended', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(10 * MIB);
  const mutation = memory.admit(0);
  mutation?.onEnd(({ code }) => void ended.push(code));
  expect(mutation?.grow(11 * MIB)).toBe(true);
  expect(ended).toEqual([]);
  expect(memory.admit(0)).toBeNull();
  mutation?.release();
  expect(memory.bytes).toBe(0);
  expect(memory.admit(0)).not.toBeNull();
});

test('a new request makes room by ending a large query, and is refused where none is left', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(2 * MIB);
  const large = query(memory, 'large', ended);
  large.grow(1.9 * MIB);
  expect(memory.admit(200_000)).not.toBeNull();
  expect(ended).toEqual(['large OVERLOADED']);
  expect(memory.admit(MIB)).toBeNull();
});

test('an answer that is being read counts with its own size, and is not ended', () => {
  const ended: string[] = [];
  const memory = memoryInFlight(2 * MIB);
  const read = query(memory, 'read', ended);
  read.grow(1.5 * MIB);
  read.holds(MIB);
  expect(memory.bytes).toBeLessThan(1.1 * MIB);
  expect(memory.admit(MIB)).toBeNull();
  expect(ended).toEqual([]);
  read.release();
  read.release();
  expect(memory.bytes).toBe(0);
});
