import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { remembered } from './remembered.ts';

// Below this an answer and its headers fit one packet, compressed or not.
const THRESHOLD_BYTES = 1_024;

const VARIES = ['accept', 'accept-encoding'];

const withVaries = remembered((vary) => {
  const said = vary
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const lower = said.map((name) => name.toLowerCase());
  return lower.includes('*') ? vary : [...said, ...VARIES.filter((name) => !lower.includes(name))].join(', ');
});

/** Says to caches that the answer depends on what the client accepts. */
const varies = (reply: FastifyReply): void => {
  reply.header('vary', withVaries(String(reply.getHeader('vary') ?? '')));
};

/**
 * Compresses answers of routes that are added once it is loaded: zstd where this Node has it, else br, gzip, as the client
 * accepts.
 */
export const addCompression = (app: FastifyInstance): void => {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Also where this answer is not compressed: a cache would hand it to whoever asks.
    if (/json|html/.test(String(reply.getHeader('content-type') ?? ''))) varies(reply);
    done();
  });
  app.register(compress, {
    encodings: ['zstd', 'br', 'gzip', 'identity'],
    threshold: THRESHOLD_BYTES,
    // Answers are made once and sent once: what a higher quality saves on the way, it costs before.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    zlibOptions: { level: 4 },
    // Requests are refused when compressed, before their bodies are read.
    globalDecompression: false,
  });
};
