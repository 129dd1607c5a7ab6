import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Call, Send } from '../../src/upstream/call.ts';
import { parseEndpoints } from '../../src/upstream/endpoints/endpoint-list.ts';
import { dnsResolver } from '../../src/upstream/endpoints/sources/dns-resolver.ts';
import { openSource } from '../../src/upstream/endpoints/sources/open-source.ts';
import type { UpstreamEvent } from '../../src/upstream/events.ts';
import { connectUpstream } from '../../src/upstream/upstream.ts';
import { dnsServer } from '../support/backends/dns-server.ts';
import { portOf } from '../support/processes/ports.ts';

type Protocol = 'rest' | 'grpc';

const NAME = 'things.example';
const OLD = '127.0.0.1';
const NEW = '127.0.0.2';
const TTL_S = 1;
const CALLERS = 8;
const ANSWER_MS = 20;
const WAIT = { timeout: 120_000, interval: 5 };

/** A server at one address of the backend. */
interface BackendServer extends AsyncDisposable {
  /** Arrival times of requests, on the scale of `performance.now`. */
  readonly arrivals: number[];
  readonly sockets: ReadonlySet<Socket>;
  readonly port: number;
}

const restServer = (arrivals: number[]): Server =>
  createServer((_request, response) => {
    arrivals.push(performance.now());
    setTimeout(() => response.end('"well"'), ANSWER_MS);
  });

const grpcServer = (arrivals: number[]): Server =>
  createHttp2Server().on('stream', (stream: ServerHttp2Stream) => {
    arrivals.push(performance.now());
    stream.on('error', () => {});
    setTimeout(() => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    }, ANSWER_MS);
  });

/** Starts a server at this address. */
const serverAt = async (protocol: Protocol, address: string, port = 0): Promise<BackendServer> => {
  const arrivals: number[] = [];
  const sockets = new Set<Socket>();
  const server = protocol === 'rest' ? restServer(arrivals) : grpcServer(arrivals);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(port, address), 'listening');
  return {
    arrivals,
    sockets,
    port: portOf(server),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};

const MESSAGES: Readonly<Record<Protocol, Call['message']>> = {
  rest: { protocol: 'rest', method: 'POST', target: '/things', body: null },
  grpc: { protocol: 'grpc', path: '/things.v1.Things/Do', request: new Uint8Array(0), decode: () => 'well' },
};

/** Sends calls from 8 callers, each as soon as its last one was answered, until `stop`. */
const startLoad = (protocol: Protocol, send: Send) => {
  const gone = new AbortController();
  /** With the duration of the longest call in milliseconds: on a busy machine everything may be that much later. */
  const outcomes = { ok: 0, failures: [] as unknown[], longestMs: 0 };
  const caller = async (): Promise<void> => {
    while (!gone.signal.aborted) {
      const sentAt = performance.now();
      const call: Call = {
        upstream: 'things.things',
        route: 'Things/Do',
        idempotent: false,
        principalKey: 'anonymous',
        headers: {},
        message: MESSAGES[protocol],
        deadline: sentAt + 120_000,
        signal: new AbortController().signal,
        request: null,
        attempt: 1,
        endpoint: null,
      };
      await send(call).then(
        ({ value }) => {
          if (value === 'well') outcomes.ok += 1;
          else outcomes.failures.push(value);
        },
        (error: unknown) => outcomes.failures.push(error),
      );
      outcomes.longestMs = Math.max(outcomes.longestMs, performance.now() - sentAt);
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  return {
    outcomes,
    stop: async () => {
      gone.abort();
      await callers;
    },
  };
};

type TimedEvent = UpstreamEvent & { readonly at: number };

/** An upstream under constant load. Its DNS name resolves to one of the two addresses of the backend. */
const underLoad = async (protocol: Protocol) => {
  await using started = new AsyncDisposableStack();
  const dns = started.use(await dnsServer());
  const old = started.use(await serverAt(protocol, OLD));
  const next = started.use(await serverAt(protocol, NEW, old.port));
  dns.set(NAME, { is: 'addresses', a: [OLD], ttlS: TTL_S });
  const events: TimedEvent[] = [];
  const scheme = protocol === 'rest' ? 'http' : 'grpc';
  const upstream = connectUpstream(
    {
      name: 'things.things',
      protocol,
      check: { by: 'connecting' },
      sources: parseEndpoints(`dns+${scheme}://${NAME}:${old.port}`, protocol),
      // Retries would hide failures that a change causes.
      traffic: { timeoutMs: 100_000, retry: false },
    },
    {
      clock: systemClock,
      connectTimeoutMs: 100_000,
      open: openSource({ clock: systemClock, resolve: dnsResolver({ servers: [dns.address], timeoutMs: 500 }) }),
      report: (event) => events.push({ ...event, at: performance.now() }),
    },
  );
  started.defer(() => upstream.close());
  await upstream.ready;
  const load = startLoad(protocol, upstream.send);
  started.defer(() => load.stop());
  const at = (address: string, to: string): number | undefined =>
    events.find((event) => event.is === 'endpoint' && event.to === to && event.address.includes(address))?.at;
  const refusals = (reason: string) =>
    events.filter((event) => event.is === 'discovery' && event.outcome === 'failed' && event.reason === reason).length;
  const all = started.move();
  return { dns, old, next, upstream, load, at, refusals, [Symbol.asyncDispose]: () => all.disposeAsync() };
};

for (const protocol of ['rest', 'grpc'] as const) {
  test.concurrent(`${protocol}: a new address is used once its TTL has passed, and the old one drains without failures`, async () => {
    await using under = await underLoad(protocol);
    const { dns, old, next, load, at } = under;
    await vi.waitUntil(() => old.arrivals.length > 100, WAIT);
    expect(next.arrivals).toEqual([]);

    dns.set(NAME, { is: 'addresses', a: [NEW], ttlS: TTL_S });
    await vi.waitUntil(() => next.arrivals.length > 0, WAIT);

    const removedAt = await vi.waitUntil(() => at(OLD, 'removed'), WAIT);
    const drainingAt = at(OLD, 'draining') ?? 0;
    await vi.waitUntil(() => old.sockets.size === 0, WAIT);
    await vi.waitUntil(() => next.arrivals.length > 200, WAIT);
    await load.stop();
    const { failures, longestMs } = load.outcomes;
    expect(failures).toEqual([]);
    expect(load.outcomes.ok).toBe(old.arrivals.length + next.arrivals.length);
    expect(old.arrivals.filter((arrival) => arrival > removedAt)).toEqual([]);
    // Calls sent before the change need time to arrive and to be answered.
    expect(old.arrivals.filter((arrival) => arrival > drainingAt + ANSWER_MS * 4 + longestMs)).toEqual([]);
  });

  test.concurrent(`${protocol}: a name that fails to resolve keeps its last addresses`, async () => {
    await using under = await underLoad(protocol);
    const { dns, old, next, upstream, load, refusals } = under;
    const addresses = () =>
      upstream.status().discovery.flatMap((name) => name.addresses.map((address) => new URL(address).hostname));
    const failure = () => upstream.status().discovery[0]?.failure;

    dns.set(NAME, { is: 'nxdomain' });
    await vi.waitUntil(() => refusals('ENOTFOUND') >= 1, WAIT);
    expect([addresses(), failure()]).toEqual([[OLD], 'ENOTFOUND']);

    dns.set(NAME, { is: 'silent' });
    await vi.waitUntil(() => refusals('ETIMEOUT') >= 1, WAIT);
    expect([addresses(), failure()]).toEqual([[OLD], 'ETIMEOUT']);
    const before = old.arrivals.length;
    await vi.waitUntil(() => old.arrivals.length > before + 50, WAIT);
    expect(next.arrivals).toEqual([]);

    dns.set(NAME, { is: 'addresses', a: [OLD, NEW], ttlS: TTL_S });
    await vi.waitUntil(() => next.arrivals.length > 0, WAIT);
    await load.stop();
    expect([addresses(), failure()]).toEqual([[OLD, NEW], null]);
    expect(load.outcomes.failures).toEqual([]);
  });
}
