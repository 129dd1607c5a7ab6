import { once } from 'node:events';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { httpServer } from '../../../test/support/backends/hostile-http.ts';
import { restCall } from '../../../test/support/upstream/calls.ts';
import { failureOf, transportWith } from '../../../test/support/upstream/rest-transport.ts';

const MEBIBYTE = 1_048_576;
const ZEROS = Buffer.alloc(16 * MEBIBYTE);
/** Each part is a compressed block of zeros. gzip and zstd decode any number of concatenated parts as one body. */
const BOMBS: readonly (readonly [string, string, Buffer, number])[] = [
  ['10 GB in 10 MB of gzip', 'gzip', gzipSync(ZEROS), 640],
  ['160 GB of zstd', 'zstd', zstdCompressSync(ZEROS), 10_000],
  ['16 MB in a few bytes of brotli', 'br', brotliCompressSync(ZEROS), 1],
  ['100 MB of plain JSON', 'identity', Buffer.alloc(MEBIBYTE, ' '), 100],
];

test.each(BOMBS)(
  '%s takes less than 50 MB of memory, and its connection is closed',
  async (_, encoding, part, parts) => {
    let closed: Promise<unknown> = Promise.resolve();
    let sent = 0;
    const server = await httpServer(async (_request, response) => {
      closed = once(response, 'close');
      response.writeHead(200, { 'content-encoding': encoding });
      for (; sent < parts && !response.destroyed; sent++)
        if (!response.write(part)) await Promise.race([once(response, 'drain'), closed]);
      response.end();
    });
    const before = process.memoryUsage.rss();
    const transport = transportWith({ maxResponseBytes: 10 * MEBIBYTE });
    expect(await failureOf(transport.send(restCall({ endpoint: server.endpoint })))).toMatchObject({
      code: 'UPSTREAM_RESPONSE_TOO_LARGE',
    });
    await closed;
    // Peak memory of this process; `maxRSS` is in KiB.
    const most = process.resourceUsage().maxRSS * 1_024;
    expect((most - before) / MEBIBYTE).toBeLessThan(50);
    expect(sent).toBeLessThan(Math.max(parts, 2));
  },
);
