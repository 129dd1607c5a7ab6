import type { ReportSession } from '../../auth/sessions/session-events.ts';
import { openSessions, type Sessions } from '../../auth/sessions/sessions.ts';
import { memorySessions } from '../../auth/sessions/store/memory-sessions.ts';
import { redisSessions } from '../../auth/sessions/store/redis-sessions.ts';
import { connectRedis } from '../../cache/redis.ts';
import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { SecretStore } from '../../config/secrets/secret-store.ts';
import type { Settings } from '../../config/settings.ts';
import type { Clock } from '../../core/clock.ts';
import type { Audit } from '../../telemetry/audit/audit-event.ts';
import type { Log } from '../../telemetry/log/log.ts';

/**
 * Milliseconds for one call. Longer than that of the cache: without its session a request is refused, while others
 * continue without the cache.
 */
const STORE_LIMIT_MS = 1_000;

const LINES = {
  'provider-unavailable': 'The OpenID provider of sessions does not answer.',
  'sign-in-refused': 'A sign-in was refused.',
  'logout-token-refused': 'A logout token was refused.',
  'session-ended':
    'A session has ended: its tokens could not be renewed. A refused refresh token may have been used twice.',
} as const;

const AUDITED = {
  'signed-in': 'session.signed-in',
  refreshed: 'session.refreshed',
  'signed-out': 'session.signed-out',
  'session-ended': 'session.ended',
} as const;

/** Logs problems, and records sign-ins and ends of sessions in the audit log. Refusals are recorded with their request. */
const reportEvents =
  (log: Log, audit: Audit): ReportSession =>
  (event) => {
    if (event.is in LINES && 'reason' in event) log.warn(LINES[event.is], { reason: event.reason });
    if (!('subject' in event)) return;
    const { subject, issuer } = event;
    audit.record({
      event: AUDITED[event.is],
      actor: { kind: 'user', issuer, subject },
      outcome: 'success',
      ...(event.is === 'signed-out' && { reason: `by the ${event.by}` }),
      ...(event.is === 'session-ended' && { reason: event.reason }),
    });
  };

/** Browser sessions with what they have opened. */
export interface OpenedSessions {
  /** Null without `SESSIONS`. */
  readonly sessions: Sessions | null;
  close(): Promise<void>;
}

export interface SessionParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly audit: Audit;
  readonly secrets: SecretStore;
  readonly requests: Pick<OwnRequests, 'fetch'>;
}

/** Opens the configured sessions, in Redis over a connection of their own, or in memory. */
export const openSessionsOf = async (
  { SESSIONS: settings, REDIS_URL: url }: Settings,
  { clock, log, audit, secrets, requests }: SessionParts,
): Promise<OpenedSessions> => {
  if (settings === null) return { sessions: null, close: async () => {} };
  const redisLog = {
    warn: (_message: string, fields?: object) => log.warn('Sessions: the state of Redis has changed.', { ...fields }),
  };
  const redis = url === null ? null : await connectRedis(url, clock, redisLog, { limitMs: STORE_LIMIT_MS });
  const sessions = openSessions({
    ...{ settings, clock, log, requests },
    secretOf: secrets.text,
    store: redis === null ? memorySessions(clock) : redisSessions(redis),
    report: reportEvents(log, audit),
  });
  return {
    sessions,
    close: async () => void (await redis?.close()),
  };
};
