import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { RejectedError, rejection } from '../listener/rejection.ts';

/** Path of challenges (RFC 8555, 8.3). */
export const ACME_PATH = '/.well-known/acme-challenge/';

/** base64url without padding. No name of a file with a separator or a dot matches. */
const TOKEN = /^[\w-]{1,100}$/;
/** A key authorization has less than 500 bytes. */
const MAX_BYTES = 4_096;

/** Reads the file of a challenge; null for none. Links are not followed. */
const readChallenge = async (folder: string, token: string): Promise<Buffer | null> => {
  if (!TOKEN.test(token)) return null;
  // Without O_NONBLOCK the open of a FIFO would wait for its writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(folder, token), flags).catch(() => null);
  if (handle === null) return null;
  try {
    const stats = await handle.stat();
    return stats.isFile() && stats.size <= MAX_BYTES ? await handle.readFile() : null;
  } finally {
    await handle.close();
  }
};

/** Serves the files of a folder as responses to challenges of ACME, which another program writes. */
export const addAcmeChallenges = (app: FastifyInstance, folder: string): void => {
  app.route<{ Params: { token: string } }>({
    method: ['GET', 'HEAD'],
    url: `${ACME_PATH}:token`,
    handler: async ({ params }, reply) => {
      const challenge = await readChallenge(folder, params.token);
      if (challenge === null) throw new RejectedError(rejection('NOT_FOUND', 'Not found.'));
      return reply.headers({ 'content-type': 'application/octet-stream', 'cache-control': 'no-store' }).send(challenge);
    },
  });
};
