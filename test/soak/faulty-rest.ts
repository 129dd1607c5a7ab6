import type { IncomingMessage, ServerResponse } from 'node:http';
import { delayMs, drawn, type Fates } from './fate.ts';
import type { Held } from './held.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const BODY = JSON.stringify({ text: 'x'.repeat(500) });

type Answer = (response: ServerResponse) => void;

/** Outcome of a request. */
const FATES: Fates<Answer> = [
  [0.02, (response) => response.writeHead(503, JSON_TYPE).end('{}')],
  [0.01, (response) => response.writeHead(429, JSON_TYPE).end('{}')],
  [0.01, (response) => response.writeHead(404, JSON_TYPE).end('{}')],
  [0.02, (response) => response.socket?.resetAndDestroy()],
  [
    0.01,
    (response) =>
      response
        .writeHead(200, { ...JSON_TYPE, 'content-length': BODY.length })
        .write(BODY.slice(0, 100), () => response.socket?.resetAndDestroy()),
  ],
  [0.02, () => {}],
  [0.01, (response) => response.writeHead(200, JSON_TYPE).flushHeaders()],
  [0.01, (response) => response.writeHead(200, JSON_TYPE).end('no JSON')],
  [0.005, (response) => response.socket?.end('no HTTP\r\n\r\n')],
  [0.01, (response) => response.writeHead(200, { ...JSON_TYPE, connection: 'close' }).end(BODY)],
  [1, (response) => response.writeHead(200, JSON_TYPE).end(BODY)],
];

/** Answers, fails, hangs, breaks off, or sends garbage. `/health` is always good. */
export const faultyRest =
  (random: () => number, held: Held) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    held.requests += 1;
    response.on('error', () => {});
    response.once('close', () => {
      held.requests -= 1;
    });
    request.resume();
    if (request.url === '/health') {
      response.end();
      return;
    }
    const answer = drawn(FATES, random());
    setTimeout(() => {
      if (!response.destroyed) answer?.(response);
    }, delayMs(random));
  };
