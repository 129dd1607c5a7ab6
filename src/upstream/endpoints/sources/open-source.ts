import type { Clock } from '../../../core/clock.ts';
import type { EndpointEntry } from '../endpoint-list.ts';
import { IN_CLUSTER, type KubernetesApi, kubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { kubernetesSource } from '../kubernetes/kubernetes-source.ts';
import { memoryLeases } from '../registrations/memory-leases.ts';
import { openRegistrations, type Registrations } from '../registrations/registrations.ts';
import { dnsResolver, type Resolve } from './dns-resolver.ts';
import { dnsSource } from './dns-source.ts';
import type { EndpointSource } from './endpoint-source.ts';
import { fileSource } from './file-source.ts';
import { type ResolveSrv, srvResolver } from './srv-resolver.ts';
import { srvSource } from './srv-source.ts';

/** Opens the source of an entry of an upstream, `<module>.<upstream>`; null for an address. */
export type OpenSource = (entry: EndpointEntry, upstream: string) => EndpointSource | null;

export interface SourceOptions {
  readonly clock: Clock;
  /** Addresses of DNS servers. Default: those of the system. */
  readonly dnsServers?: readonly string[] | undefined;
  /** Default: by `dnsServers`. */
  readonly resolve?: Resolve;
  /** Default: by `dnsServers`. */
  readonly resolveSrv?: ResolveSrv;
  /** Default: the API server of the cluster that this process runs in. */
  readonly kubernetes?: KubernetesApi;
  /** Default: none can register. */
  readonly registrations?: Pick<Registrations, 'source'>;
}

/** Creates the sources of this process. */
export const openSource = ({
  clock,
  dnsServers: servers,
  resolve = dnsResolver({ servers }),
  resolveSrv = srvResolver({ servers, clock }),
  kubernetes = kubernetesApi(IN_CLUSTER),
  registrations = openRegistrations({ store: memoryLeases(clock), clock, networks: [] }),
}: SourceOptions): OpenSource => {
  return (entry, upstream) => {
    switch (entry.by) {
      case 'address':
        return null;
      case 'dns':
        return dnsSource(entry.endpoint, resolve, clock);
      case 'srv':
        return srvSource(entry.endpoint, { resolve, resolveSrv, clock });
      case 'file':
        return fileSource(entry, clock);
      case 'registered':
        return registrations.source(upstream, entry);
      case 'kubernetes':
        return kubernetesSource(entry, kubernetes, clock);
      default:
        return entry satisfies never;
    }
  };
};
