import { expect, test } from 'vitest';
import { ReceivedBuffers } from './buffer-memory.ts';

const chunk = (bytes = 65_536) => new Uint8Array(new ArrayBuffer(bytes)).fill(1);

test('the memory of a chunk that is passed on is freed once a later chunk has arrived', () => {
  const buffers = new ReceivedBuffers();
  const [first, second] = [chunk(), chunk()];
  buffers.arrived(first);
  buffers.passedOn();
  expect(first.length).toBe(65_536);
  buffers.arrived(second);
  expect([first.buffer.byteLength, second.buffer.byteLength]).toEqual([0, 65_536]);
});

test('a chunk that is not passed on keeps its memory, and so do those behind it', () => {
  const buffers = new ReceivedBuffers();
  const chunks = [chunk(), chunk(), chunk()];
  for (const one of chunks) buffers.arrived(one);
  expect(chunks.map(({ length }) => length)).toEqual([65_536, 65_536, 65_536]);
  buffers.passedOn();
  expect(chunks.map(({ length }) => length)).toEqual([0, 65_536, 65_536]);
});

test('a buffer with several chunks is freed after the last of them', () => {
  const buffers = new ReceivedBuffers();
  const shared = chunk();
  const [first, second] = [shared.subarray(10, 100), shared.subarray(200)];
  for (const one of [first, second, chunk()]) buffers.arrived(one);
  buffers.passedOn();
  expect(second.length).toBe(65_336);
  buffers.passedOn();
  expect(second.length).toBe(0);
});

test('the newest buffer is kept although all of it is passed on: its rest may not be parsed yet', () => {
  const buffers = new ReceivedBuffers();
  const chunks = [chunk(), chunk()];
  for (const one of chunks) buffers.arrived(one);
  buffers.allPassedOn();
  expect(chunks.map(({ length }) => length)).toEqual([0, 65_536]);
});

test('small buffers, and the pool of Node that other buffers share, are not freed', () => {
  const buffers = new ReceivedBuffers();
  const pooled = Buffer.from('from the pool');
  const [small, last] = [chunk(1_000), chunk()];
  for (const one of [pooled, small, last]) buffers.arrived(one);
  buffers.allPassedOn();
  expect([String(pooled), small.length]).toEqual(['from the pool', 1_000]);
});
