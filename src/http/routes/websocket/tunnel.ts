import type { Duplex } from 'node:stream';
import type { Clock } from '../../../core/clock.ts';
import { CLOSE, type CloseCode, closeFrame, FrameReader } from './frame-reader.ts';

/** Milliseconds that a side has to end its connection after a close frame. */
const CLOSE_MS = 2_000;

export interface TunnelOptions {
  readonly clock: Clock;
  /** Maximum size of a message in either direction, as sent. */
  readonly maxMessageBytes: number;
  /** Called for every chunk that was passed on, with its size; `toClient` is false for one to the backend. */
  readonly passed: (bytes: number, toClient: boolean) => void;
  /** Called once, when both connections have ended. `code` is null if a side closed the WebSocket itself. */
  readonly closed: (code: CloseCode | null) => void;
}

/** One side of a tunnel, with the frames that it has sent. */
interface Side {
  readonly socket: Duplex;
  readonly sent: FrameReader;
  /** True once the gateway has ended what it sends to this side. */
  isEnded: boolean;
}

/**
 * Passes the frames of a WebSocket between a client and a backend, at the pace of the slower side. The gateway inserts a
 * frame only to close: between two frames of the other side, so that no message is changed.
 */
export class WebSocketTunnel {
  readonly #client: Side;
  readonly #backend: Side;
  readonly #options: TunnelOptions;
  /** The reason for which the gateway closed the tunnel. */
  #code: CloseCode | null = null;
  #isClosing = false;
  #open = 2;

  constructor(client: Duplex, backend: Duplex, options: TunnelOptions) {
    const { maxMessageBytes } = options;
    this.#options = options;
    this.#client = { socket: client, sent: new FrameReader(maxMessageBytes, true), isEnded: false };
    this.#backend = { socket: backend, sent: new FrameReader(maxMessageBytes, false), isEnded: false };
    this.#connect(this.#client, this.#backend, CLOSE.goingAway);
    this.#connect(this.#backend, this.#client, CLOSE.badGateway);
  }

  /** Closes both sides: with a close frame, unless a frame is incomplete there. */
  close(code: CloseCode, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#code = code;
    this.#end(this.#client, this.#backend.sent, code, reason);
    this.#end(this.#backend, this.#client.sent, code, reason);
  }

  /** Passes the frames of `from` to `to`. `lost` is the close code if `from` disconnects without closing. */
  #connect(from: Side, to: Side, lost: CloseCode): void {
    const { socket } = from;
    socket.on('data', (chunk: Buffer) => this.#pass(chunk, from, to));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => this.#left(from, to, lost));
    socket.on('close', () => {
      this.#left(from, to, lost);
      this.#open -= 1;
      if (this.#open === 0) this.#options.closed(this.#code);
    });
  }

  #pass(chunk: Buffer, from: Side, to: Side): void {
    if (this.#isClosing) return;
    const wasBetweenFrames = from.sent.isBetweenFrames;
    const fault = from.sent.read(chunk);
    if (fault !== null) {
      this.#fail(fault, from, to, wasBetweenFrames);
      return;
    }
    this.#options.passed(chunk.length, to === this.#client);
    if (to.socket.write(chunk)) return;
    from.socket.pause();
    to.socket.once('drain', () => from.socket.resume());
  }

  /** Ends after an invalid frame or a message that is too large. The chunk with it was not passed on. */
  #fail(code: CloseCode, from: Side, to: Side, wasBetweenFrames: boolean): void {
    const reason = code === CLOSE.tooLarge ? 'message too large' : 'invalid frame';
    this.#isClosing = true;
    this.#code = code;
    this.#end(from, to.sent, code, reason);
    this.#send(to, wasBetweenFrames, code, reason);
  }

  #left(from: Side, to: Side, lost: CloseCode): void {
    if (this.#isClosing) {
      from.socket.end();
      return;
    }
    this.#isClosing = true;
    // After a close frame the end of the connection is expected, and passed on.
    if (from.sent.hasClosed) this.#finish(to);
    else {
      if (!to.sent.hasClosed) this.#code = lost;
      this.#end(to, from.sent, lost, lost === CLOSE.badGateway ? 'the service is gone' : 'the client is gone');
    }
    this.#finish(from);
  }

  #end(side: Side, received: FrameReader, code: CloseCode, reason: string): void {
    this.#send(side, received.isBetweenFrames && !received.hasClosed, code, reason);
  }

  #send(side: Side, mayInsert: boolean, code: CloseCode, reason: string): void {
    if (side.isEnded) return;
    if (mayInsert && side.socket.writable) {
      side.socket.write(closeFrame(code, reason, side === this.#backend));
      this.#finish(side);
    } else side.socket.destroy();
  }

  /** Ends what is sent to a side, and its connection after a moment. */
  #finish(side: Side): void {
    if (side.isEnded) return;
    side.isEnded = true;
    const { socket } = side;
    const timer = this.#options.clock.after(CLOSE_MS, () => socket.destroy());
    socket.once('close', () => timer.cancel());
    // What the side still sends is dropped, so that its end is read.
    socket.resume();
    socket.end();
  }
}
