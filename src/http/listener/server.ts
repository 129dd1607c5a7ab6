import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../core/clock.ts';
import { type Address, listenOnPort } from './bind-port.ts';

/** Phase of a server between start and end. */
export type Phase =
  | { readonly is: 'starting' }
  | { readonly is: 'ready'; readonly publicUrl: URL; readonly adminUrl: URL }
  /** `since` is on the clock's scale. */
  | { readonly is: 'draining'; readonly since: number }
  | { readonly is: 'stopped'; readonly failure: Error | null };

export interface DrainOptions {
  /** Milliseconds of accepting requests while /readyz already is 503, so that balancers notice. Default 0. */
  readonly announceMs?: number;
  /** Milliseconds that requests in flight may take to finish before their connections are cut. */
  readonly graceMs: number;
}

export interface Listeners {
  readonly public: FastifyInstance;
  readonly admin: FastifyInstance;
  /** Default: none. */
  readonly redirect?: FastifyInstance | null;
}

export interface ServerOptions {
  readonly clock: Clock;
  /** Creates the listeners; `readiness` is true only in the phase `ready`. */
  readonly listeners: (readiness: () => boolean) => Listeners;
  readonly public: Address;
  readonly admin: Address;
  /** Address of the listener that redirects. Required with one. */
  readonly redirect?: Address;
  readonly drain: DrainOptions;
}

export interface RunningServer {
  readonly publicUrl: URL;
  readonly adminUrl: URL;
  phase(): Phase;
  /**
   * Stops in order: /readyz becomes 503; the backlog is accepted, and listening ends; requests in flight, and those
   * that arrive on open connections within a second, are answered; after the grace period the remaining connections are
   * cut. Resolves when both listeners are closed. A second call returns the same promise.
   */
  stop(): Promise<void>;
}

const wait = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

const allOf = ({ public: clients, admin, redirect }: Listeners): readonly FastifyInstance[] =>
  redirect ? [clients, redirect, admin] : [clients, admin];

const drainListeners = async (listeners: Listeners, { clock, drain }: ServerOptions): Promise<void> => {
  if (drain.announceMs) await wait(clock, drain.announceMs);
  const cut = clock.after(drain.graceMs, () => {
    for (const listener of allOf(listeners)) listener.server.closeAllConnections();
  });
  try {
    // The admin listener closes last: probes and metrics stay available until the last client has its response.
    await Promise.all([listeners.public.close(), listeners.redirect?.close()]);
    await listeners.admin.close();
  } finally {
    cut.cancel();
  }
};

/**
 * Starts both listeners.
 *
 * @throws Error with port and variable if one of them cannot listen; both are closed then
 */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  let phase: Phase = { is: 'starting' };
  const listeners = options.listeners(() => phase.is === 'ready');
  let urls: { readonly publicUrl: URL; readonly adminUrl: URL };
  try {
    const adminUrl = await listenOnPort(listeners.admin, options.admin);
    urls = { adminUrl, publicUrl: await listenOnPort(listeners.public, options.public) };
    if (listeners.redirect && options.redirect) await listenOnPort(listeners.redirect, options.redirect);
  } catch (error) {
    await Promise.all(allOf(listeners).map((listener) => listener.close()));
    throw error;
  }
  phase = { is: 'ready', ...urls };

  const end = async (): Promise<void> => {
    phase = { is: 'draining', since: options.clock.now() };
    try {
      await drainListeners(listeners, options);
      phase = { is: 'stopped', failure: null };
    } catch (error) {
      phase = { is: 'stopped', failure: error instanceof Error ? error : new Error(String(error)) };
      throw error;
    }
  };
  let ended: Promise<void> | null = null;
  return {
    ...urls,
    phase: () => phase,
    stop: () => {
      ended ??= end();
      return ended;
    },
  };
};
