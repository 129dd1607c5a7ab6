import type { EndpointHealth } from '../../upstream/endpoints/health-check.ts';

/** Health of the store. Without Redis requests are still served, with more calls to backends. */
export interface StoreHealth {
  readonly kind: 'redis' | 'memory';
  readonly status: 'ok' | 'degraded';
}

/** Endpoints of every upstream, by `<module>.<upstream>`. */
export interface HealthReport {
  readonly upstreams: Readonly<Record<string, { readonly endpoints: readonly EndpointHealth[] }>>;
  readonly store?: StoreHealth;
}

/**
 * A report with its summary: `down` if an upstream has no healthy endpoint left, `degraded` if any endpoint is down or
 * the store is degraded.
 */
export interface HealthSummary extends HealthReport {
  readonly status: 'ok' | 'degraded' | 'down';
}

const isUp = ({ status }: EndpointHealth): boolean => status === 'up';

export const summarise = (report: HealthReport): HealthSummary => {
  const upstreams = Object.values(report.upstreams);
  const whole = upstreams.every(({ endpoints }) => endpoints.every(isUp) && endpoints.length > 0);
  const status =
    whole && report.store?.status !== 'degraded'
      ? 'ok'
      : upstreams.every(({ endpoints }) => endpoints.some(isUp))
        ? 'degraded'
        : 'down';
  return { status, ...report };
};
