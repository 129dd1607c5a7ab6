import { isLoadReport, reportFromBinary } from './orca-report.ts';

/** Load of an endpoint as it reports it with ORCA. Every number is finite and at least 0. */
export interface LoadReport {
  /** `application_utilization`, else `cpu_utilization`; 0 without both. May exceed 1. */
  readonly utilization: number;
  /** Calls per second of all clients; 0 if absent. */
  readonly qps: number;
  /** Failed calls per second; 0 if absent. */
  readonly eps: number;
  /** `named_metrics.rif`: calls in flight of all clients; null if absent. */
  readonly inFlight: number | null;
  /** `named_metrics.latency_ms`: latency of a call at that many calls in flight; null if absent. */
  readonly latencyMs: number | null;
}

/** ReportedMetrics by name, with those of `named_metrics` under their prefix. */
export type ReportedMetrics = Readonly<Record<string, number>>;

const TEXT_HEADER = 'endpoint-load-metrics';
const BINARY_HEADER = 'endpoint-load-metrics-bin';
const NAMED = 'named_metrics.';

/** Longer headers are ignored. */
const MAX_LENGTH = 8_192;
/** Larger values are no measurements. */
const MAX_VALUE = 1e12;

/** Other metrics, of which there may be any number, are skipped. */
const READ = new Set([
  'application_utilization',
  'cpu_utilization',
  'rps_fractional',
  'eps',
  `${NAMED}rif`,
  `${NAMED}latency_ms`,
]);

/** Names in proto3's JSON form, which may also be those of the .proto. */
const JSON_NAMES: Readonly<Record<string, string>> = {
  applicationUtilization: 'application_utilization',
  cpuUtilization: 'cpu_utilization',
  rpsFractional: 'rps_fractional',
  namedMetrics: 'named_metrics',
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads `name=value` and `name:value`, separated by commas: Envoy's native HTTP format. */
const fromText = (text: string): ReportedMetrics => {
  const metrics: Record<string, number> = {};
  for (const entry of text.split(',')) {
    const [, name = '', value = ''] = /^\s*([\w.]+)\s*[=:]\s*(\S+)\s*$/.exec(entry) ?? [];
    if (READ.has(name)) metrics[name] = Number(value);
  }
  return metrics;
};

const fromJson = (text: string): ReportedMetrics => {
  const parsed: unknown = JSON.parse(text);
  const metrics: Record<string, number> = {};
  if (!isRecord(parsed)) return metrics;
  for (const [written, value] of Object.entries(parsed)) {
    const name = JSON_NAMES[written] ?? written;
    if (READ.has(name)) metrics[name] = Number(value);
    else if (name === 'named_metrics' && isRecord(value))
      for (const [metric, number] of Object.entries(value))
        if (READ.has(NAMED + metric)) metrics[NAMED + metric] = Number(number);
  }
  return metrics;
};

/** Returns null if any metric is no number, negative or huge: nothing of such a report is trusted. */
export const reportOf = (metrics: ReportedMetrics): LoadReport | null => {
  for (const name in metrics) {
    const value = metrics[name] ?? 0;
    if (!(value >= 0 && value <= MAX_VALUE)) return null;
  }
  return {
    utilization: metrics.application_utilization || (metrics.cpu_utilization ?? 0),
    qps: metrics.rps_fractional ?? 0,
    eps: metrics.eps ?? 0,
    inFlight: metrics[`${NAMED}rif`] ?? null,
    latencyMs: metrics[`${NAMED}latency_ms`] ?? null,
  };
};

/** ReportedMetrics of a decoded `OrcaLoadReport`. */
export const metricsOfMessage = (message: unknown): ReportedMetrics => {
  const metrics: Record<string, number> = {};
  if (!isLoadReport(message)) return metrics;
  const { application_utilization, cpu_utilization, rps_fractional, eps } = message;
  Object.assign(metrics, { application_utilization, cpu_utilization, rps_fractional, eps });
  for (const { key, value } of message.named_metrics) if (READ.has(NAMED + key)) metrics[NAMED + key] = value;
  return metrics;
};

const parse = (header: string): ReportedMetrics | null => {
  if (header.startsWith('TEXT ')) return fromText(header.slice(5));
  if (header.startsWith('JSON ')) return fromJson(header.slice(5));
  return header.startsWith('BIN ') ? metricsOfMessage(reportFromBinary(header.slice(4))) : null;
};

/**
 * Returns the load report in the headers or trailers of an answer: `endpoint-load-metrics-bin`, or
 * `endpoint-load-metrics` in one of Envoy's forms `TEXT`, `JSON` and `BIN`. Null without one, and for one that cannot be
 * read.
 */
export const reportIn = (headers: Readonly<Record<string, string>>): LoadReport | null => {
  const binary = headers[BINARY_HEADER];
  const header = binary ?? headers[TEXT_HEADER];
  if (header === undefined || header.length > MAX_LENGTH) return null;
  try {
    const metrics = binary === undefined ? parse(header) : metricsOfMessage(reportFromBinary(header));
    return metrics === null ? null : reportOf(metrics);
  } catch {
    return null;
  }
};
