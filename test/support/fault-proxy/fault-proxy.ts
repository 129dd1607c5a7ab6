import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { portOf } from '../processes/ports.ts';
import { Lane } from './fault-proxy-lane.ts';
import type { Harm, Toxic } from './fault-proxy-toxics.ts';

export type { Harm, Toxic } from './fault-proxy-toxics.ts';

/** Counts of a proxy since it was opened. */
export interface ProxyCounts {
  /** Connections accepted. */
  accepted: number;
  /** Connections open at present. */
  open: number;
  /** Bytes from clients that were passed on. */
  upstreamBytes: number;
  downstreamBytes: number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** True for each toxic that affects this connection. */
  readonly meant: Map<Toxic, boolean>;
}

/** A TCP proxy in front of one local server, with faults of a network. */
export class FaultProxy {
  readonly counts: ProxyCounts = { accepted: 0, open: 0, upstreamBytes: 0, downstreamBytes: 0 };
  readonly #random: () => number;
  readonly #links = new Set<Link>();
  readonly #toxics = new Set<Toxic>();
  #target: number;
  #server: Server;
  #port = 0;
  #isUp = false;

  private constructor(target: number, random: () => number) {
    this.#target = target;
    this.#random = random;
    this.#server = createServer();
  }

  /** `random` is at least 0 and less than 1; equal numbers cause equal faults. Default `Math.random`. */
  static async to(target: number, random: () => number = Math.random): Promise<FaultProxy> {
    const proxy = new FaultProxy(target, random);
    await proxy.up();
    return proxy;
  }

  /** Port on 127.0.0.1; constant for the life of the proxy. */
  get port(): number {
    return this.#port;
  }

  /** Adds a toxic, for open and new connections. Returns a function that removes it. */
  add(toxic: Toxic): () => void {
    this.#toxics.add(toxic);
    return () => {
      this.#toxics.delete(toxic);
      for (const { meant } of this.#links) meant.delete(toxic);
    };
  }

  /** Removes every toxic. */
  clear(): void {
    for (const { meant } of this.#links) meant.clear();
    this.#toxics.clear();
  }

  /** Resets this share of the connections. Returns their number. */
  cut(share = 1): number {
    const chosen = [...this.#links].filter(() => this.#random() < share);
    for (const link of chosen) this.#cut(link, 'resetting');
    return chosen.length;
  }

  /** Changes the target of new connections. Open ones keep theirs. */
  retarget(port: number): void {
    this.#target = port;
  }

  /** Refuses connections, and resets open ones. */
  async down(): Promise<void> {
    if (!this.#isUp) return;
    this.#isUp = false;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Accepts connections again. */
  async up(): Promise<void> {
    if (this.#isUp) return;
    this.#isUp = true;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#link(client));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = portOf(this.#server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }

  #link(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const link: Link = { client, server, meant: new Map() };
    this.#links.add(link);
    this.counts.accepted += 1;
    this.counts.open += 1;
    this.#lane(link, 'upstream', client, server);
    this.#lane(link, 'downstream', server, client);
    client.on('error', () => this.#cut(link, 'resetting')).once('close', () => this.#gone(link));
    server.on('error', () => this.#cut(link, 'resetting')).once('close', () => this.#ended(link));
  }

  #lane(link: Link, stream: 'upstream' | 'downstream', from: Socket, to: Socket): void {
    new Lane({
      from,
      to,
      harms: () => this.#harms(link, stream),
      random: this.#random,
      passed: (bytes) => {
        this.counts[`${stream}Bytes`] += bytes;
      },
      cut: (how) => this.#cut(link, how),
    });
  }

  #harms(link: Link, stream: 'upstream' | 'downstream'): readonly Harm[] {
    return [...this.#toxics].filter((toxic) => (toxic.stream ?? 'downstream') === stream && this.#isMeant(link, toxic));
  }

  /** Decided once for each connection. */
  #isMeant({ meant }: Link, toxic: Toxic): boolean {
    const decided = meant.get(toxic) ?? this.#random() < (toxic.toxicity ?? 1);
    meant.set(toxic, decided);
    return decided;
  }

  #cut({ client, server }: Link, how: 'closing' | 'resetting'): void {
    for (const socket of [client, server])
      if (socket.destroyed) continue;
      else if (how === 'closing') socket.destroySoon();
      else socket.resetAndDestroy();
  }

  #gone(link: Link): void {
    if (!this.#links.delete(link)) return;
    this.counts.open -= 1;
    link.server.destroy();
  }

  /** A closed server may have bytes left that a slow direction still passes on. */
  #ended({ client }: Link): void {
    if (client.readableEnded && client.writableEnded) client.destroySoon();
  }
}
