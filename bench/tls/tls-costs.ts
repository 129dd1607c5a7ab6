import { childResult } from '../harness/child-result.ts';

/** One round of a server. */
export interface TlsFigure {
  /** Handshakes or MiB a second. */
  readonly rate: number;
  /** CPU of the server for one of them, in microseconds. */
  readonly cpuUs: number;
}

/** What was measured of both servers. */
export interface TlsCost {
  readonly title: string;
  readonly unit: string;
  readonly rounds: readonly { readonly ours: TlsFigure; readonly its: TlsFigure }[];
}

/** Handshakes, and files of a pass-through route, next to NGINX. */
export const tlsCosts = (): Promise<readonly TlsCost[]> => childResult(new URL('./main.ts', import.meta.url));
