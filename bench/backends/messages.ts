import type { Counts, Fate, Kind } from './traffic.ts';

/** Addresses of the backends, under the gateway's names of variables. */
export type Endpoints = Readonly<Record<string, string>>;

/** Each is answered with the counts of calls so far. */
export type ToBackends = { readonly counts: true } | { readonly kind: Kind; readonly fate: Fate };

export type FromBackends = { readonly endpoints: Endpoints; readonly keysUrl: string } | { readonly counts: Counts };
