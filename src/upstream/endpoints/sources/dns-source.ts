import type { Clock } from '../../../core/clock.ts';
import { type Endpoint, hostNameOf } from '../endpoint.ts';
import { entryName } from '../endpoint-list.ts';
import type { Resolve } from './dns-resolver.ts';
import type { EndpointSource } from './endpoint-source.ts';
import { SourceError } from './failure-reason.ts';
import { pollSource } from './poll-source.ts';

/** Lower bound of the time between two queries, for records with a shorter time to live. */
const MIN_MS = 1_000;
/** Upper bound of the time between two queries: a change appears within a minute. */
const MAX_MS = 60_000;

/** Returns the wait before the next query, from a time to live in milliseconds. */
export const waitOf = (ttlMs: number): number => Math.min(Math.max(ttlMs || 0, MIN_MS), MAX_MS);

/**
 * The addresses of a name, queried again when its records expire. Each address receives the options of `template`,
 * whose host is the name.
 */
export const dnsSource = (template: Endpoint, resolve: Resolve, clock: Clock): EndpointSource => ({
  name: entryName({ by: 'dns', endpoint: template }),
  watch: (sink) =>
    pollSource(clock, sink, async () => {
      const { addresses, ttlMs } = await resolve(hostNameOf(template));
      if (addresses.length === 0) throw new SourceError('absent', 'no address');
      return { endpoints: addresses.map((ip) => ({ ...template, ip })), waitMs: waitOf(ttlMs) };
    }).stop,
});
