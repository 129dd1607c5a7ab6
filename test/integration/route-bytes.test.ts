import { createHash } from 'node:crypto';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable, type Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type RoutedOptions, routedGateway } from '../support/gateway/routed-gateway.ts';
import { http2Client, listenerTls } from '../support/http/tls-rig.ts';
import { filesModule } from '../support/modules/files-module.ts';
import { seeded } from '../support/random/seeded.ts';

/* The memory of chunks is freed while a body passes. Each body must arrive as it was sent. */

const BYTES = 8 * 1_048_576;
const MAX_CHUNK = 200_000;
const AT_ONCE = 4;

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A body in chunks of random lengths. */
const randomBody = (
  seed: number,
  maxChunk: number,
): { readonly chunks: readonly Buffer[]; readonly digest: string } => {
  const random = seeded(seed);
  const whole = Buffer.from(Uint32Array.from({ length: BYTES / 4 }, () => random() * 2 ** 32).buffer);
  const chunks: Buffer[] = [];
  for (let at = 0; at < whole.length; ) {
    const length = 1 + Math.floor(random() * (random() < 0.5 ? 500 : maxChunk));
    chunks.push(whole.subarray(at, at + length));
    at += length;
  }
  return { chunks, digest: digest(whole) };
};

/** Reads a body with pauses, so that buffers on the way fill up. */
const slowly = async (source: Readable, random: () => number): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of source) {
    hash.update(chunk);
    if (random() < 0.3) for (let turns = random() * 20; turns > 0; turns -= 1) await turn();
  }
  return hash.digest('hex');
};

const echo = (received: IncomingMessage, response: ServerResponse): void => {
  const length = received.headers['content-length'];
  response.writeHead(200, length === undefined ? {} : { 'content-length': length });
  received.pipe(response);
};

type Answering = typeof echo;

const start = async (options: RoutedOptions = {}, answer: Answering = echo) => {
  const gateway = await routedGateway([filesModule], answer, options);
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  return gateway;
};

/** A request, and its answer with the same body. */
interface Echo {
  readonly sent: Writable;
  readonly received: Promise<Readable>;
}

/** Sends a body, and expects it in the answer. */
const expectEcho = async ({ sent, received }: Echo, seed: number, maxChunk: number): Promise<void> => {
  const body = randomBody(seed, maxChunk);
  Readable.from(body.chunks).pipe(sent);
  expect(await slowly(await received, seeded(seed))).toBe(body.digest);
};

/** The same for several requests at the same time. */
const expectEchoes = async (open: () => Echo, maxChunk = MAX_CHUNK): Promise<void> => {
  await Promise.all(Array.from({ length: AT_ONCE }, (_, seed) => expectEcho(open(), seed + 1, maxChunk)));
};

const CHUNKED = { 'transfer-encoding': 'chunked' };
const LENGTH = { 'content-length': String(BYTES) };

test.each([
  ['with a length', MAX_CHUNK, LENGTH],
  ['in large chunks', MAX_CHUNK, CHUNKED],
  ['in small chunks', 20_000, CHUNKED],
])('large bodies %s arrive unchanged in both directions', async (_how, maxChunk, headers) => {
  const { origin } = await start();
  await expectEchoes(() => {
    const sent = request(`${origin}/uploads`, { method: 'POST', headers });
    return { sent, received: new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject)) };
  }, maxChunk);
});

/** Starts a gateway with HTTP/2. Returns what `expectEchoes` needs, on one connection. */
const startHttp2 = async (answer?: Answering) => {
  const { tls, close } = await listenerTls();
  onTestFinished(close);
  const { port } = await start({ config: { tls } }, answer);
  const client = await http2Client(port);
  onTestFinished(() => client[Symbol.asyncDispose]());
  return (): Echo => {
    const sent = client.session.request({ ':method': 'POST', ':path': '/uploads' }, { endStream: false });
    return { sent, received: new Promise((resolve) => sent.on('response', () => resolve(sent))) };
  };
};

test('large bodies of one HTTP/2 connection arrive unchanged in both directions', async () => {
  await expectEchoes(await startHttp2());
});

test('a body of an HTTP/2 connection that its backend does not read yet is unchanged by others', async () => {
  const [isRead, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const open = await startHttp2((received, response) => {
    count += 1;
    if (count > 1) return echo(received, response);
    held.resolve();
    void isRead.promise.then(() => echo(received, response));
  });
  const waiting = expectEcho(open(), 1, 500);
  await held.promise;
  await Promise.all([2, 3].map((seed) => expectEcho(open(), seed, 500)));
  isRead.resolve();
  await waiting;
});
