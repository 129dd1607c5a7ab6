/** `node bench/compression.ts`: CPU of compressing one OrderPage, by coding and interface of node:zlib, its threads included. */
import { Readable } from 'node:stream';
import { createGzip, createZstdCompress, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib';
import { median } from './harness/statistics.ts';
import { table } from './report/table.ts';
import { orderPage } from './workloads/order-page.ts';

const IN_FLIGHT = 32;
const ROUNDS = 20;
/** Level of the gateway's listener. */
const GZIP = { level: 4 };

const [page] = orderPage.asked;
const body = Buffer.from(JSON.stringify(page?.expected()));

type Compress = () => unknown;

const called = (start: (done: (error: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((error) => (error === null ? resolve() : reject(error))));

const WAYS: Readonly<Record<string, Compress>> = {
  'gzip, one synchronous call': () => gzipSync(body, GZIP),
  'gzip, one asynchronous call': () => called((done) => gzip(body, GZIP, done)),
  'gzip, a stream': () => Readable.from([body]).pipe(createGzip(GZIP)).toArray(),
  'zstd, one synchronous call': () => zstdCompressSync(body),
  'zstd, one asynchronous call': () => called((done) => zstdCompress(body, done)),
  'zstd, a stream': () => Readable.from([body]).pipe(createZstdCompress()).toArray(),
};

/** CPU of one compression in microseconds. */
const cpuOfOne = async (compress: Compress): Promise<number> => {
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: IN_FLIGHT }, compress));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / IN_FLIGHT;
};

const found = new Map(Object.keys(WAYS).map((way): [string, number[]] => [way, []]));
for (let round = 0; round < ROUNDS; round += 1)
  for (const [way, compress] of Object.entries(WAYS)) found.get(way)?.push(await cpuOfOne(compress));

console.log(
  table(
    [`${body.length} bytes, ${IN_FLIGHT} at a time`, 'CPU µs'],
    [...found].map(([way, values]) => [way, median(values).toFixed(0)]),
  ),
);
