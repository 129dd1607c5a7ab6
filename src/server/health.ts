/** What a probe found at one endpoint. */
export interface EndpointHealth {
  readonly address: string;
  readonly status: 'up' | 'down';
  /** Null where nothing answered. */
  readonly responseTimeMs: number | null;
  /** Why it is down, for operators. */
  readonly detail?: string;
}

/** How what replicas share is. Without it requests are answered all the same, at a higher price. */
export interface StoreHealth {
  readonly kind: 'redis' | 'memory';
  readonly status: 'ok' | 'degraded';
}

/** Endpoints of every upstream, by `<module>.<upstream>`. */
export interface HealthReport {
  readonly upstreams: Readonly<Record<string, { readonly endpoints: readonly EndpointHealth[] }>>;
  readonly store?: StoreHealth;
}

/** A report with its verdict: `down` when an upstream has no endpoint left, `degraded` when any endpoint or the store is. */
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
