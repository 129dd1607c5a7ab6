/**
 * The same endpoint as a team would run it: a log line for each request, a limit for each client, answers of backends
 * validated by zod. Bearer tokens are verified where a request has one; `COMPRESS` turns compression on.
 */
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';
import { openCalls } from './shared/calls.ts';
import { checkedCalls } from './shared/checked-calls.ts';
import { PORT } from './shared/environment.ts';
import { addPages } from './shared/fastify-pages.ts';
import { verifyToken } from './shared/verify-token.ts';

const app = fastify({ logger: true });
// Counted, and high enough for one address to send the whole load.
await app.register(rateLimit, { max: 999_999_999, timeWindow: 60_000 });
if (process.env.COMPRESS !== undefined)
  // The same as in the gateway.
  await app.register(compress, {
    encodings: ['zstd', 'br', 'gzip', 'identity'],
    threshold: 1_024,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 4 },
    globalDecompression: false,
  });
app.addHook('onRequest', async ({ headers: { authorization } }) => {
  if (authorization !== undefined) await verifyToken(authorization);
});
addPages(app, checkedCalls(openCalls()));

await app.listen({ port: PORT, host: '127.0.0.1' });
