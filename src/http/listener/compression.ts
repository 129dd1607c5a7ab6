import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply } from 'fastify';

// A smaller response and its headers fit into one packet without compression.
const THRESHOLD_BYTES = 1_024;

const VARIES = ['accept', 'accept-encoding'];

const withVaries = (vary: string): string => {
  if (vary === '') return VARIES.join(', ');
  const listed = vary
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const lower = listed.map((name) => name.toLowerCase());
  return lower.includes('*') ? vary : [...listed, ...VARIES.filter((name) => !lower.includes(name))].join(', ');
};

/** Adds Accept and Accept-Encoding to Vary, so that caches store one response for each. */
const varies = (reply: FastifyReply): void => {
  reply.header('vary', withVaries(String(reply.getHeader('vary') ?? '')));
};

/**
 * Adds compression to the routes that are registered after it: zstd if this Node supports it, br or gzip, as the client
 * accepts.
 */
export const addCompression = (app: FastifyInstance): void => {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Needed for uncompressed responses, too: a cache would serve them to every client.
    if (/json|html/.test(String(reply.getHeader('content-type') ?? ''))) varies(reply);
    done();
  });
  app.register(compress, {
    encodings: ['zstd', 'br', 'gzip', 'identity'],
    threshold: THRESHOLD_BYTES,
    // Fast settings, because each response is compressed once and sent once.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 4 },
    // Compressed requests are rejected before their bodies are read.
    globalDecompression: false,
  });
};
