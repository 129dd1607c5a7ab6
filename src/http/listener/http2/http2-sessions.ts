import { constants, createServer, type Http2Server, type Http2ServerResponse, type Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../../../core/clock.ts';
import { continueOnRead } from '../../exchange/continue-on-read.ts';
import { rejectConnect } from '../socket-errors.ts';
import { Http2Request, Http2Response } from './http2-messages.ts';

/** Limits of a connection of HTTP/2. */
export interface Http2Limits {
  /** Milliseconds from the start of a connection to its first request. */
  readonly firstRequestMs: number;
  /** Milliseconds from the end of the last request to the next one. */
  readonly idleMs: number;
  /** Milliseconds from the headers of a request to the end of its body. */
  readonly receivingMs: number;
  readonly maxRequests: number;
  readonly maxHeaderBytes: number;
}

/** Streams of one connection at one time. More are refused, and may be repeated by the client (RFC 9113, 5.1.2). */
const MAX_STREAMS = 100;
/** The last stream of a GOAWAY that only announces the end: requests on their way are still answered (RFC 9113, 6.8). */
const ANY_STREAM = 2 ** 31 - 1;

const OPTIONS = {
  // Pairs beyond are cut off with the stream; up to here the response is 431, as over HTTP/1.1.
  maxHeaderListPairs: 128,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  maxOutstandingPings: 10,
  // Streams that a client may reset at one time, and in a second: GOAWAY beyond that (CVE-2023-44487).
  streamResetBurst: 100,
  streamResetRate: 33,
};

/** Milliseconds from the end of a session to that of its socket: Node waits without a limit for the client to close it. */
const SOCKET_END_MS = 1_000;
/** Milliseconds from the last response to the end of the socket, for a client that still receives it. */
const LAST_BYTES_MS = 10_000;

interface Kept {
  readonly session: Http2Session;
  readonly socket: TLSSocket;
  requests: number;
  open: number;
  /** Time of the end of the last response; null without one. */
  answeredAt: number | null;
  idle: Timer;
}

/** The connections of HTTP/2 of one listener. */
export class Http2Sessions {
  readonly #server: Http2Server;
  readonly #clock: Clock;
  readonly #limits: Http2Limits;
  readonly #kept = new Map<Http2Session, Kept>();
  #isEnding = false;
  #isExcused: (request: Http2Request) => boolean = () => false;

  constructor(clock: Clock, limits: Http2Limits, onRequest: (request: Http2Request, response: Http2Response) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#server = createServer({
      ...OPTIONS,
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: limits.maxHeaderBytes, enablePush: false },
      Http2ServerRequest: Http2Request,
      // The type of Node requires the responses of its own requests.
      Http2ServerResponse: Http2Response as typeof Http2ServerResponse<InstanceType<typeof Http2Request>>,
    });
    this.#server.on('connect', rejectConnect);
    // Without a listener Node would answer other expectations itself.
    for (const event of ['request', 'checkExpectation', 'checkContinue'])
      this.#server.on(event, (request: Http2Request, response: Http2Response) => {
        if (event === 'checkContinue') continueOnRead(request, response);
        this.#limitReceiving(request);
        onRequest(request, response);
      });
    // The session closes by itself; its socket is logged nowhere, as a reset of a client over HTTP/1.1.
    this.#server.on('sessionError', () => {});
  }

  /** Sets the test for requests with bodies that may take longer: their readers bound the time instead. */
  excuse(isExcused: (request: Http2Request) => boolean): void {
    this.#isExcused = isExcused;
  }

  /** Takes over a connection. Returns its session; null for a connection that is already lost. */
  open(socket: TLSSocket): Http2Session | null {
    const opened: Http2Session[] = [];
    const onSession = (session: Http2Session) => void opened.push(session);
    this.#server.on('session', onSession);
    this.#server.emit('connection', socket);
    this.#server.off('session', onSession);
    const [session] = opened;
    if (session === undefined) return null;
    this.#keep(session, socket);
    return session;
  }

  socketOf(session: Http2Session | undefined): TLSSocket | undefined {
    return session && this.#kept.get(session)?.socket;
  }

  /** Announces the end of all connections: clients send further requests elsewhere. Those on their way are answered. */
  announceEnd(): void {
    this.#isEnding = true;
    for (const { session } of this.#kept.values()) this.#announce(session);
  }

  /** Ends a connection after the requests in flight. */
  retire(session: Http2Session): void {
    const kept = this.#kept.get(session);
    if (session.closed || kept === undefined) return;
    session.close();
    if (kept.open === 0) this.#endSocket(kept);
  }

  /** Ends all connections after the requests in flight. */
  close(): void {
    for (const session of this.#kept.keys()) this.retire(session);
  }

  /** Cuts all connections. */
  destroy(): void {
    for (const { session, socket } of this.#kept.values()) {
      session.destroy();
      socket.destroy();
    }
  }

  /** Tells the client of one request that the listener does not accept traffic any more. */
  announceTo(session: Http2Session | undefined): void {
    if (session !== undefined) this.#announce(session);
  }

  readonly #announced = new WeakSet<Http2Session>();

  #announce(session: Http2Session): void {
    if (session.closed || session.destroyed || this.#announced.has(session)) return;
    this.#announced.add(session);
    session.goaway(constants.NGHTTP2_NO_ERROR, ANY_STREAM);
  }

  #keep(session: Http2Session, socket: TLSSocket): void {
    const { firstRequestMs, maxRequests } = this.#limits;
    const idle = this.#retireAfter(session, firstRequestMs);
    const kept: Kept = { session, socket, requests: 0, open: 0, answeredAt: null, idle };
    this.#kept.set(session, kept);
    // Node has ended the session then, unless streams are open.
    session.on('goaway', () => {
      if (kept.open === 0) this.#endSocket(kept);
    });
    session.once('close', () => {
      kept.idle.cancel();
      this.#kept.delete(session);
    });
    session.on('stream', (stream) => {
      kept.idle.cancel();
      kept.requests += 1;
      kept.open += 1;
      if (kept.requests === maxRequests) this.retire(session);
      stream.once('close', () => {
        kept.open -= 1;
        if (kept.open > 0 || !this.#kept.has(session)) return;
        kept.answeredAt = this.#clock.now();
        // Frames without a request do not prolong it, such as PING, or headers that never end.
        if (session.closed || session.destroyed) this.#endSocket(kept);
        else kept.idle = this.#retireAfter(session, this.#limits.idleMs);
      });
    });
    if (this.#isEnding) this.#announce(session);
  }

  #retireAfter(session: Http2Session, ms: number): Timer {
    // With GOAWAY, so that the client repeats a request that is on its way.
    return this.#clock.after(ms, () => this.retire(session));
  }

  /** Closes the socket of a session that ends, also if the client does not close it. */
  #endSocket(kept: Kept): void {
    const { session, socket, answeredAt } = kept;
    const sendingMs = answeredAt === null ? 0 : answeredAt + LAST_BYTES_MS - this.#clock.now();
    kept.idle.cancel();
    kept.idle = this.#clock.after(Math.max(SOCKET_END_MS, sendingMs), () => {
      session.destroy();
      socket.destroy();
    });
  }

  /** Ends a stream with a body that does not arrive in time. */
  #limitReceiving(request: Http2Request): void {
    const { stream } = request;
    if (stream.endAfterHeaders) return;
    const timer = this.#clock.after(this.#limits.receivingMs, () => {
      if (!this.#isExcused(request)) stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    });
    stream.once('end', () => timer.cancel()).once('close', () => timer.cancel());
  }
}
