import type { Clock } from '../../../core/clock.ts';
import { BACKUP_PRIORITY, type Endpoint, hostNameOf } from '../endpoint.ts';
import { entryName } from '../endpoint-list.ts';
import type { Resolution, Resolve } from './dns-resolver.ts';
import { waitOf } from './dns-source.ts';
import type { EndpointSource } from './endpoint-source.ts';
import { failureReason, SourceError } from './failure-reason.ts';
import { AFTER_FAILURE_MS, pollSource } from './poll-source.ts';
import type { ResolveSrv, SrvRecord } from './srv-resolver.ts';

/** Share of a record with weight 0 next to records with other weights: a very small one (RFC 2782). */
const SMALL_SHARE = 0.01;

/** Weight by record. All weights 0 stand for equal shares. */
const weightOf = ({ weight }: SrvRecord, records: readonly SrvRecord[]): number =>
  weight > 0 ? weight : records.some((one) => one.weight > 0) ? SMALL_SHARE : 1;

/**
 * Endpoints of one record. The target is the name for the Host header and for TLS; its addresses share its weight. The
 * lowest priority of the records is that of the template; each next one counts one more.
 */
const endpointsOf = (
  record: SrvRecord,
  addresses: readonly string[],
  records: readonly SrvRecord[],
  template: Endpoint,
): readonly Endpoint[] => {
  const { url, weight, priority } = template;
  const ranks = [...new Set(records.map((one) => one.priority))].toSorted((one, other) => one - other);
  const rank = ranks.indexOf(record.priority);
  const at = new URL(`${url.protocol}//${record.target}:${record.port}${url.pathname}`);
  return addresses.map((ip) => ({
    ...template,
    url: at,
    ip,
    weight: (weight * weightOf(record, records)) / addresses.length,
    priority: priority === BACKUP_PRIORITY ? priority + rank : Math.min(priority + rank, BACKUP_PRIORITY - 1),
  }));
};

/**
 * The SRV records of a service (RFC 2782), with the addresses of their targets, queried again when the first of them
 * expires. The host of `template` is the name of the service: `_orders._tcp.internal`.
 *
 * A target that does not resolve keeps its last addresses; one that never did is left out.
 */
export const srvSource = (
  template: Endpoint,
  { resolve, resolveSrv, clock }: { readonly resolve: Resolve; readonly resolveSrv: ResolveSrv; readonly clock: Clock },
): EndpointSource => ({
  name: entryName({ by: 'srv', endpoint: template }),
  watch: (sink) => {
    let known: ReadonlyMap<string, Resolution> = new Map();
    return pollSource(clock, sink, async () => {
      const { records, ttlMs } = await resolveSrv(hostNameOf(template));
      let fault: string | null = null;
      const targets = [...new Set(records.map(({ target }) => target))];
      const found = await Promise.all(
        targets.map(async (target): Promise<readonly [string, Resolution]> => {
          const resolution = await resolve(target).catch((error: unknown) => {
            fault = `${target}: ${failureReason(error)}`;
            return { addresses: known.get(target)?.addresses ?? [], ttlMs: AFTER_FAILURE_MS };
          });
          return [target, resolution];
        }),
      );
      known = new Map(found);
      const endpoints = records.flatMap((record) =>
        endpointsOf(record, known.get(record.target)?.addresses ?? [], records, template),
      );
      if (endpoints.length === 0) throw new SourceError('absent', fault ?? 'no address');
      return { endpoints, fault, waitMs: waitOf(Math.min(ttlMs, ...found.map(([, resolution]) => resolution.ttlMs))) };
    }).stop;
  },
});
