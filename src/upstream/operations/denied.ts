import type { Clock } from '../../core/clock.ts';
import { CALLER_CODES, UpstreamError } from '../../core/errors.ts';
import type { Report } from '../events.ts';
import { GrpcStatusError } from '../grpc/status.ts';

/** Statuses that reject credentials: HTTP's, and gRPC's PERMISSION_DENIED and UNAUTHENTICATED. */
const UNAUTHORIZED: ReadonlySet<number> = new Set([401, 403, 7, 16]);
const INTERVAL_MS = 60_000;

/**
 * Reports failures in which an upstream rejects the gateway's own credentials, each status at most once a minute. If
 * the client's credentials are forwarded, such a status has the code of an error of the client, and is not reported.
 */
export const reportsDenied = ({ clock, report }: { readonly clock: Clock; readonly report: Report }) => {
  // At most one entry for each of the four statuses.
  const reportedAt = new Map<number, number>();
  return (error: unknown): void => {
    if (!(error instanceof UpstreamError) || error.status === null || CALLER_CODES.has(error.code)) return;
    if (!UNAUTHORIZED.has(error.status)) return;
    const now = clock.now();
    const last = reportedAt.get(error.status);
    if (last !== undefined && now - last < INTERVAL_MS) return;
    reportedAt.set(error.status, now);
    const status = error.cause instanceof GrpcStatusError ? error.cause.status : String(error.status);
    report({ is: 'denied', route: error.route, status });
  };
};
