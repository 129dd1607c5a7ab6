import { crc32 } from 'node:zlib';
import type { Server } from '../harness/server.ts';
import { canonical, type Workload } from '../workloads/workload.ts';
import { Connection, plainBody, type Received } from './connection.ts';
import { requestFor } from './requests.ts';

interface Known {
  readonly length: number;
  readonly crc: number;
}

/** Every so many answers the whole body is looked at, of the others status and length. */
const SAMPLED = 16;
const SHOWN = 300;
/** Free connections that are kept after a wave of requests: the next server needs the descriptors. */
const MAX_FREE = 256;

const expectations = new WeakMap<object, string>();

/** The right answer in its canonical form, made once for all contenders. */
const rightAnswer = (asked: Workload['asked'][number]): string => {
  const before = expectations.get(asked);
  if (before !== undefined) return before;
  const made = canonical(asked.expected());
  expectations.set(asked, made);
  return made;
};

const parsed = (body: Buffer): string => {
  try {
    return canonical(JSON.parse(body.toString('utf8')));
  } catch {
    return body.toString('utf8', 0, SHOWN);
  }
};

const firstDifference = (one: string, other: string): number => {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return Math.max(0, at - 60);
};

/** A server under one workload: its requests as bytes, and what is known of its right answers. */
export class Target {
  readonly server: Server;
  readonly workload: Workload;
  readonly #requests: readonly Buffer[];
  readonly #known: Known[] = [];
  readonly #free: Connection[] = [];
  // The request of the verification is not sent again: a text that is new to the server stays new.
  #next: number;
  #wrong = 0;

  constructor(server: Server, workload: Workload) {
    this.server = server;
    this.workload = workload;
    this.#next = workload.asked.length;
    this.#requests = workload.asked.map((asked, at) => requestFor(server.contender, asked, at));
  }

  /** Answers that were not the right ones so far. */
  get wrong(): number {
    return this.#wrong;
  }

  /** Asks for the next one on a free connection, or a new one; `done` follows its answer, once it has been looked at. */
  sendRequest(done: () => void): void {
    const sequence = this.#next++;
    const at = sequence % this.#requests.length;
    const connection = this.#connection();
    connection.sendRequest(this.#bytes(sequence, at), (answer) => {
      this.#free.push(connection);
      if (!this.#isRight(answer, at, sequence % SAMPLED === 0)) this.#wrong += 1;
      done();
    });
  }

  /** Asks for each once and holds the whole answer against the right one. @throws Error that shows the first difference. */
  async verify(): Promise<void> {
    for (const [at, asked] of this.workload.asked.entries()) {
      const answer = await this.#once(at);
      const { status, body } = answer;
      const [got, right] = [parsed(plainBody(answer)), rightAnswer(asked)];
      if (status !== 200 || got !== right) {
        const from = firstDifference(got, right);
        throw new Error(
          `${this.server.contender.title} answers wrongly (status ${status}, request ${at} of "${this.workload.title}"):\n` +
            `  ${got.slice(from, from + SHOWN)}\n  and not\n  ${right.slice(from, from + SHOWN)}`,
        );
      }
      this.#known.push({ length: body.length, crc: crc32(body) });
    }
  }

  /** Takes over what a verified target of the same workload knows of the right answers. */
  expectAnswersOf(verified: Target): void {
    this.#known.push(...verified.#known);
  }

  /** Closes the connections of a wave of requests. */
  trim(): void {
    for (const connection of this.#free.splice(MAX_FREE)) connection.close();
  }

  close(): void {
    for (const connection of this.#free) connection.close();
  }

  #connection(): Connection {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (!free.isOver) return free;
      free.close();
    }
    return new Connection(this.server.port);
  }

  #once(at: number): Promise<Received> {
    const connection = this.#connection();
    return new Promise((resolve) =>
      connection.sendRequest(this.#bytes(at, at), (answer) => {
        this.#free.push(connection);
        resolve(answer);
      }),
    );
  }

  #bytes(sequence: number, at: number): Buffer {
    const asked = this.workload.asked[at];
    const query = asked === undefined ? null : this.workload.fresh?.(asked.query, sequence);
    if (asked !== undefined && query !== null && query !== undefined)
      return requestFor(this.server.contender, { ...asked, query }, at);
    const bytes = this.#requests[at];
    if (bytes === undefined) throw new Error('A workload has at least one request.');
    return bytes;
  }

  #isRight({ status, body }: Received, at: number, whole: boolean): boolean {
    const known = this.#known[at];
    if (status !== 200 || known?.length !== body.length) return false;
    return !whole || known.crc === crc32(body);
  }
}
