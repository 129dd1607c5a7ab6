import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { RestOptions } from '../../../src/backend/define/upstream-options.ts';
import { type RestClient, restClient } from '../../../src/backend/rest/rest-client.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { untraced } from '../../../src/telemetry/open-trace.ts';
import { connectUpstream, type Upstream } from '../../../src/upstream/upstream.ts';
import { portOf } from '../processes/ports.ts';
import { endpoint } from './calls.ts';

/** A request as the server received it. */
export interface ReceivedRequest {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

type Reply = (response: ServerResponse, request: IncomingMessage) => void;

export const answersNull: Reply = (response) => {
  response.setHeader('content-type', 'application/json').end('null');
};

export interface BoundClient {
  readonly client: RestClient;
  readonly upstream: Upstream;
  /** Ends the request that the client is bound to. */
  readonly cancel: AbortController;
}

export interface ServedClient extends BoundClient {
  /** Requests with a complete body, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** Number of requests, complete or not. */
  begun(): number;
}

/** A REST client with the whole stack of an upstream, for the server at this URL. */
export const clientOf = (url: string, options: RestOptions = {}): BoundClient => {
  const upstream = connectUpstream(
    {
      name: 'shop.api',
      protocol: 'rest',
      sources: [{ by: 'address', endpoint: endpoint(url) }],
      traffic: options,
      check: { by: 'connecting' },
    },
    { clock: systemClock },
  );
  const cancel = new AbortController();
  onTestFinished(async () => {
    cancel.abort(new Error('the test has ended'));
    await upstream.close();
  });
  const bound = {
    upstream: 'shop.api',
    principalKey: 'anonymous',
    caller: 'anonymous',
    isIdentified: false,
    deadline: systemClock.now() + 60_000,
    signal: cancel.signal,
    headers: {},
    trace: untraced(),
    affinity: null,
    keyScope: (place: string, value: string) => `${value} of ${place}`,
  };
  const client = restClient({ protocol: 'rest', ...options }, bound, upstream.send);
  return { client, upstream, cancel };
};

/** A REST client with the whole stack of an upstream, and a server that records the bytes of its requests. */
export const servedClient = async (reply: Reply = answersNull, options: RestOptions = {}): Promise<ServedClient> => {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let begun = 0;
  const server = createServer(async (request, response) => {
    begun += 1;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // The client disconnected.
    }
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers, bytes: Buffer.concat(chunks) });
    reply(response, request);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const bound = clientOf(`http://127.0.0.1:${portOf(server)}`, options);
  return { ...bound, requests, sockets, begun: () => begun };
};

/** Resolves once all these connections are closed, in whatever way. */
export const allClosed = (sockets: ReadonlySet<Socket>): Promise<unknown> =>
  Promise.all(
    [...sockets].map((socket) =>
      socket.destroyed ? null : new Promise<void>((resolve) => socket.once('close', () => resolve())),
    ),
  );

/** The error of a promise. @throws Error if it resolves */
export const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error: unknown) => error,
  );
