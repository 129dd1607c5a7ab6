import type { Clock } from '../../../core/clock.ts';
import type { Report } from '../../events.ts';
import type { Endpoint } from '../endpoint.ts';
import type { EndpointEntry } from '../endpoint-list.ts';
import { type FollowedSource, followSource, type SourceSnapshot } from './follow-source.ts';
import { type OpenSource, openSource } from './open-source.ts';

export interface DiscoverOptions {
  /** `<module>.<upstream>` */
  readonly upstream: string;
  readonly entries: readonly EndpointEntry[];
  /** Default: sources with the system's DNS servers. */
  readonly open?: OpenSource | undefined;
  readonly clock: Clock;
  readonly report: Report;
  /** Called with the whole list after every change. */
  readonly onChange: (endpoints: readonly Endpoint[], reason: string) => void;
}

export interface Discoveries {
  /** The endpoints that are listed as addresses. */
  readonly known: readonly Endpoint[];
  /** Resolves after the first attempt of every source. */
  readonly ready: Promise<void>;
  stop(): void;
  snapshot(): readonly SourceSnapshot[];
}

/** Keeps the endpoint list of one upstream up to date: the listed addresses, and the lists of its sources. */
export const discover = ({ upstream, entries, open, clock, report, onChange }: DiscoverOptions): Discoveries => {
  const openAny = open ?? openSource({ clock });
  const lists = entries.map((entry): readonly Endpoint[] => (entry.by === 'address' ? [entry.endpoint] : []));
  const known = lists.flat();
  const followed = entries.flatMap((entry, at): readonly FollowedSource[] => {
    const source = openAny(entry, upstream);
    if (source === null) return [];
    const onList = (endpoints: readonly Endpoint[]) => {
      lists[at] = endpoints;
      onChange(lists.flat(), `${source.name} has a new list`);
    };
    return [followSource(source, { clock, report, onChange: onList })];
  });
  return {
    known,
    ready: Promise.all(followed.map(({ ready }) => ready)).then(() => {}),
    stop: () => {
      for (const { stop } of followed) stop();
    },
    snapshot: () => followed.map((one) => one.snapshot()),
  };
};
