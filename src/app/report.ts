import type { ExpiryEvent } from '../config/certificates/expiry-reports.ts';
import type { CertificateEvent } from '../config/certificates/watch-certificates.ts';
import type { SecretEvent } from '../config/secrets/secret-store.ts';
import type { ExecutionReport } from '../graph/execution-mode.ts';
import type { CostLimit } from '../graph/limits/cost/operation-costs.ts';
import type { Log } from '../telemetry/log/log.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';
import type { UpstreamEvent } from '../upstream/events.ts';

/** Counts executions without a plan, and logs queries with two different answers. */
export const reportExecution = (metrics: Metrics, log: Log): ExecutionReport => ({
  executed: (execution) => {
    if (execution.by === 'fallback') metrics.fellBack(execution.reason);
  },
  differed: (what, { name }) => {
    metrics.differed(what);
    log.warn('Plan and delegation returned different answers.', { what, operation: name?.value ?? null });
  },
});

/** Number of documents that are logged. Their hashes are chosen by clients. */
const MAX_COSTLY_LOGGED = 1_000;

/** Logs operations above `MAX_COST`, each document once. */
export const reportCosts = (log: Log): CostLimit['report'] => {
  const logged = new Set<string | null>();
  return ({ isRefused, ...operation }) => {
    if (logged.has(operation.hash) || logged.size === MAX_COSTLY_LOGGED) return;
    logged.add(operation.hash);
    log.warn(`An operation is above MAX_COST and was ${isRefused ? 'refused' : 'executed'}.`, { ...operation });
    if (logged.size === MAX_COSTLY_LOGGED)
      log.warn('Further operations above MAX_COST are counted only: tributary_limited_requests_total.', {
        logged: MAX_COSTLY_LOGGED,
      });
  };
};

const count = (metrics: Metrics, upstream: string, event: UpstreamEvent): void => {
  if (event.is === 'attempt') metrics.attempted(upstream, event.outcome);
  if (event.is === 'retry') metrics.retried(upstream, event.reason);
  if (event.is === 'hedge') metrics.hedged(upstream, event.won);
  if (event.is === 'refusal') metrics.callRefused(upstream, event.reason);
  if (event.is === 'routed') metrics.routed(upstream, event.subset, event.isFallback ?? false);
  if (event.is === 'shadow') {
    const paths = event.differences.map(({ path }) => path);
    metrics.shadowed(upstream, event.outcome, paths);
  }
  if (event.is === 'canary') metrics.canaryChanged(upstream, event.subset, event.to);
  if (event.is === 'circuit') metrics.circuitChanged(upstream, event.to);
};

const DENIED = 'An upstream refuses the credentials of this gateway. Check the key or token that its module sends.';

const MAPPING =
  'The function errors of an upstream has a fault, so that the usual error is used. Correct the function.';

const CANARY_LINES = {
  stopped: 'A canary was stopped: it is worse than its baseline.',
  advanced: 'A canary has reached its next step.',
  completed: 'A canary has completed its steps.',
} as const;

const THROTTLE_LINES = {
  started: 'Calls to an upstream are throttled: it rejects most of them.',
  ended: 'Calls to an upstream are no longer throttled.',
} as const;

const TOKEN_LINES = {
  failed: 'A token request of an upstream failed; a valid token stays in use.',
  recovered: 'Token requests of an upstream recovered.',
} as const;

const CERTIFICATE_LINES = {
  reloaded: 'Certificates of an upstream were read again from their changed files.',
  invalid: 'The certificates of an upstream cannot be used; the last ones stay in use. Correct the files.',
  'expires-soon': 'A certificate expires soon. Replace it.',
  expired: 'A certificate has expired. Replace it.',
  'not-yet-valid': 'A certificate is not valid yet. Replace it, or correct the clock.',
} as const;

const DISCOVERY_LINES = {
  failed: 'A source of endpoints failed; its last list stays in use.',
  recovered: 'A source of endpoints recovered.',
  changed: 'A source of endpoints has a new list.',
} as const;

/** Returns the log line for an event that operators may have to act on; null for others. */
const lineFor = (event: UpstreamEvent): string | null => {
  // Half-open is not logged: each failed probe would add two lines.
  if (event.is === 'circuit') return event.to === 'half-open' ? null : `A circuit is ${event.to}.`;
  if (event.is === 'shadow') return event.isSampled ? 'The answer of a shadow differs.' : null;
  if (event.is === 'canary') return CANARY_LINES[event.to];
  if (event.is === 'throttle') return THROTTLE_LINES[event.to];
  if (event.is === 'endpoint') return `An endpoint is ${event.to}.`;
  if (event.is === 'denied') return DENIED;
  if (event.is === 'mapping') return MAPPING;
  if (event.is === 'handshake') return 'A TLS handshake with an endpoint failed.';
  if (event.is === 'certificate') return CERTIFICATE_LINES[event.to];
  if (event.is === 'token') return TOKEN_LINES[event.outcome];
  if (event.is !== 'discovery') return null;
  return DISCOVERY_LINES[event.outcome];
};

/** Counts the events of upstreams, and logs those that operators may have to act on. */
export const reportUpstreams =
  (metrics: Metrics, log: Log) =>
  (upstream: string, event: UpstreamEvent): void => {
    count(metrics, upstream, event);
    const line = lineFor(event);
    if (line === null) return;
    const { is: _, ...fields } = event;
    log.warn(line, { upstream, ...fields });
  };

/** Logs changes of the files of secrets, by the name of their variable. */
export const reportSecrets =
  (log: Log) =>
  ({ is, ...fields }: SecretEvent): void =>
    log.warn(
      is === 'reloaded'
        ? 'A secret was read again from its changed file.'
        : 'The file of a secret cannot be used; the last value stays in use. Correct the file.',
      fields,
    );

/** Logs changes of the files of certificates, by their variable. */
export const reportCertificates =
  (log: Log) =>
  ({ is, ...fields }: CertificateEvent): void =>
    log.warn(
      is === 'reloaded'
        ? 'Certificates were read again from their changed file.'
        : 'A file of certificates cannot be used; the last certificates stay in use. Correct the file.',
      fields,
    );

const LIST_LINES = {
  'expires-soon': 'A certificate revocation list expires soon. Replace it.',
  expired: 'A certificate revocation list has expired: certificates of its authority are refused. Replace it.',
  'not-yet-valid':
    'A certificate revocation list is not valid yet: certificates of its authority are refused. Replace it, or correct the clock.',
} as const;

/** Logs certificates and revocation lists of a listener that expire soon. */
export const reportListenerExpiry =
  (log: Log, listener: string) =>
  (event: ExpiryEvent): void =>
    log.warn((event.use === 'crl' ? LIST_LINES : CERTIFICATE_LINES)[event.to], { listener, ...event });
