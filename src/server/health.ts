/** What a probe found at one endpoint. */
export interface EndpointHealth {
  readonly address: string;
  readonly status: 'up' | 'down';
  /** Null where nothing answered. */
  readonly responseTimeMs: number | null;
  /** Why it is down, for operators. */
  readonly detail?: string;
}

/** Endpoints of every upstream, by `<module>.<upstream>`. */
export interface HealthReport {
  readonly upstreams: Readonly<Record<string, { readonly endpoints: readonly EndpointHealth[] }>>;
}

/** A report with its verdict: `down` when an upstream has no endpoint left, `degraded` when any endpoint is down. */
export interface HealthSummary extends HealthReport {
  readonly status: 'ok' | 'degraded' | 'down';
}

const isUp = ({ status }: EndpointHealth): boolean => status === 'up';

export const summarise = (report: HealthReport): HealthSummary => {
  const upstreams = Object.values(report.upstreams);
  const status = upstreams.every(({ endpoints }) => endpoints.every(isUp) && endpoints.length > 0)
    ? 'ok'
    : upstreams.every(({ endpoints }) => endpoints.some(isUp))
      ? 'degraded'
      : 'down';
  return { status, upstreams: report.upstreams };
};
