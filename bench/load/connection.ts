import { connect, type Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

export interface Received {
  readonly status: number;
  /** The body as received, in its coding. */
  readonly body: Buffer;
  /** Value of Content-Encoding; null without one. */
  readonly coding: string | null;
  /** True if the server closes the connection after it. */
  readonly isLast: boolean;
}

const DECODERS = new Map<string, (bytes: Buffer) => Buffer>([
  ['gzip', (bytes) => gunzipSync(bytes)],
  ['br', (bytes) => brotliDecompressSync(bytes)],
  ['zstd', (bytes) => zstdDecompressSync(bytes)],
]);

/** The decompressed body. @throws Error for an unknown coding */
export const plainBody = ({ body, coding }: Received): Buffer => {
  if (coding === null) return body;
  const decode = DECODERS.get(coding);
  if (decode === undefined) throw new Error(`The server answered in the unknown coding ${coding}.`);
  return decode(body);
};

const END_OF_HEAD = '\r\n\r\n';
const STALE_MS = 2_000;
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');

/** The chunks of a chunked body put together. */
const unchunked = (bytes: Buffer): Buffer => {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
};

/** The answer in these bytes; null while it is not complete. */
const answerIn = (bytes: Buffer): Received | null => {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end === -1) return null;
  const head = bytes.toString('latin1', 0, end);
  const start = end + END_OF_HEAD.length;
  const status = Number(head.slice(9, 12));
  const isLast = /\r\nconnection: *close/i.test(head);
  const coding = /\r\ncontent-encoding: *(\w+)/i.exec(head)?.[1] ?? null;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined)
    return bytes.length < start + Number(length)
      ? null
      : { status, body: bytes.subarray(start, start + Number(length)), coding, isLast };
  const isWhole = bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
  return isWhole ? { status, body: unchunked(bytes.subarray(start)), coding, isLast } : null;
};

/**
 * One kept-alive HTTP/1.1 connection for fixed bytes, one request at a time: a tenth of what a whole client costs, because
 * the load shares its core with the backends. A connection that breaks fails the run.
 */
export class Connection {
  readonly #socket: Socket;
  #heard: Buffer | null = null;
  #answered: ((answer: Received) => void) | null = null;
  #lastUsed = performance.now();
  #isClosing = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    this.#socket.on('error', (error) => this.#broken(error));
    this.#socket.on('end', () => this.#broken(new Error('it was closed')));
  }

  /** True if its server has closed it, or may have: node:http closes an idle one after five seconds. */
  get isOver(): boolean {
    return this.#isClosing || performance.now() - this.#lastUsed > STALE_MS;
  }

  /** Sends a whole request; `answered` is called with what came back. */
  sendRequest(request: Buffer, answered: (answer: Received) => void): void {
    this.#answered = answered;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(chunk: Buffer): void {
    this.#heard = this.#heard === null ? chunk : Buffer.concat([this.#heard, chunk]);
    const answer = answerIn(this.#heard);
    if (answer === null) return;
    this.#heard = null;
    this.#lastUsed = performance.now();
    this.#isClosing = answer.isLast;
    const answered = this.#answered;
    this.#answered = null;
    answered?.(answer);
  }

  #broken(cause: Error): void {
    // An idle connection may be closed by its server whenever it likes, and nothing is lost.
    if (this.#answered !== null)
      throw new Error('A connection of the load broke in the middle of a request.', { cause });
  }
}
