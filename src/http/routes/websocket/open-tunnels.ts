import type { Duplex } from 'node:stream';
import { ClientPlaces } from '../client-places.ts';
import type { CloseCode } from './frame-reader.ts';
import type { WebSocketTunnel } from './tunnel.ts';

export interface TunnelLimits {
  /** Maximum number of WebSockets of the gateway. */
  readonly all: number;
  /** Maximum number of WebSockets of one user, or of one network of anonymous clients. */
  readonly perClient: number;
}

/** A place for a WebSocket, or the limit that leaves none. */
export type TunnelAdmission =
  | { readonly is: 'admitted'; readonly release: () => void }
  | { readonly is: 'refused'; readonly by: 'all' | 'client' };

/** The open WebSockets of a listener. */
export class OpenTunnels {
  readonly #limits: TunnelLimits;
  readonly #places: ClientPlaces;
  readonly #tunnels = new Set<WebSocketTunnel>();
  readonly #bySocket = new WeakMap<Duplex, WebSocketTunnel>();
  /** Why a WebSocket that is being opened must be closed. */
  readonly #endings = new WeakMap<Duplex, readonly [CloseCode, string]>();
  #count = 0;

  constructor(limits: TunnelLimits) {
    this.#limits = limits;
    this.#places = new ClientPlaces(limits.perClient);
  }

  /** Number of WebSockets, those that are being opened included. */
  get count(): number {
    return this.#count;
  }

  /** Takes a place for a WebSocket of a client. */
  admit(client: string): TunnelAdmission {
    if (this.#count >= this.#limits.all) return { is: 'refused', by: 'all' };
    const free = this.#places.take(client);
    if (free === null) return { is: 'refused', by: 'client' };
    this.#count += 1;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      this.#count -= 1;
      free();
    };
    return { is: 'admitted', release };
  }

  add(tunnel: WebSocketTunnel, client: Duplex): void {
    this.#tunnels.add(tunnel);
    this.#bySocket.set(client, tunnel);
    const ending = this.#endings.get(client);
    if (ending !== undefined) tunnel.close(...ending);
  }

  remove(tunnel: WebSocketTunnel): void {
    this.#tunnels.delete(tunnel);
  }

  /** Closes the WebSocket on the connection of a client; one that is being opened, after its handshake. */
  closeOn(client: Duplex, code: CloseCode, reason: string): void {
    const tunnel = this.#bySocket.get(client);
    if (tunnel === undefined) this.#endings.set(client, [code, reason]);
    else tunnel.close(code, reason);
  }

  closeAll(code: CloseCode, reason: string): void {
    for (const tunnel of this.#tunnels) tunnel.close(code, reason);
  }
}
