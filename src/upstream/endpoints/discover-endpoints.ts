import type { Clock } from '../../core/clock.ts';
import type { Report } from '../events.ts';
import { type Discovery, type DiscoverySnapshot, discoverByName } from './dns.ts';
import type { Resolve } from './dns-resolver.ts';
import type { Endpoint, EndpointSource } from './endpoint.ts';

export interface DiscoverOptions {
  readonly sources: readonly EndpointSource[];
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly report: Report;
  /** Called with the whole list after every change. */
  readonly onChange: (endpoints: readonly Endpoint[], reason: string) => void;
}

export interface Discoveries {
  /** The endpoints that need no name resolution. */
  readonly known: readonly Endpoint[];
  /** Resolves after the first query for every name. */
  readonly firstQuery: Promise<void>;
  stop(): void;
  snapshot(): readonly DiscoverySnapshot[];
}

/**
 * Keeps the endpoint list of one upstream up to date: static addresses, and the addresses that its names resolve to.
 */
export const discover = ({ sources, resolve, clock, report, onChange }: DiscoverOptions): Discoveries => {
  const lists = sources.map(({ endpoint, by }): readonly Endpoint[] => (by === 'address' ? [endpoint] : []));
  const byName = sources.flatMap(({ endpoint, by }, at): readonly Discovery[] => {
    if (by === 'address') return [];
    const onFound = (endpoints: readonly Endpoint[]) => {
      lists[at] = endpoints;
      onChange(lists.flat(), `${endpoint.url.hostname} resolved to new addresses`);
    };
    return [discoverByName({ template: endpoint, resolve, clock, report, onChange: onFound })];
  });
  return {
    known: lists.flat(),
    firstQuery: Promise.all(byName.map(({ firstQuery }) => firstQuery)).then(() => {}),
    stop: () => {
      for (const discovery of byName) discovery.stop();
    },
    snapshot: () => byName.map((discovery) => discovery.snapshot()),
  };
};
