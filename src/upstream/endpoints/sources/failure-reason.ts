import { StoreUnavailableError } from '../../../cache/guarded-connection.ts';

/**
 * Causes of failures of sources, as metrics have them. `absent`: no such name, file or service. `denied`: no permission.
 * `incomplete`: a list was read of which a part is missing. `invalid`: it cannot be parsed. `server`: an answer with an
 * error. `tls`: no trusted connection. `unreachable`: no connection.
 */
export const FAILURE_CAUSES = [
  'absent',
  'denied',
  'incomplete',
  'invalid',
  'server',
  'timeout',
  'tls',
  'unreachable',
] as const;
export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** A failure of a source with its cause. */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
  readonly failureCause: FailureCause;

  constructor(failureCause: FailureCause, message: string) {
    super(message);
    this.failureCause = failureCause;
  }
}

/** Causes by the codes of Node, c-ares, OpenSSL and undici. */
const CODES: readonly (readonly [FailureCause, RegExp])[] = [
  ['absent', /^(ENOENT|ENOTDIR|ENOTFOUND|ENODATA)$/],
  ['denied', /^(EACCES|EPERM|EREFUSED)$/],
  ['invalid', /^(EBADRESP|EFORMERR|EBADNAME)$/],
  ['server', /^(ESERVFAIL|ENOTIMP)$/],
  ['timeout', /TIMEOUT|^ETIMEDOUT$|ABORT/],
  ['tls', /CERT|SELF_SIGNED|^UNABLE_TO_|^ERR_(TLS|SSL|OSSL)|^EPROTO$/],
];

/** Returns the short reason of a failure: its code, such as `ENOTFOUND`, or its message. */
export const failureReason = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.message;
};

/** Returns the cause of a failure. A failure with an unknown code is one of the connection; one without a code, of the content. */
export const failureCause = (error: unknown): FailureCause => {
  if (error instanceof SourceError) return error.failureCause;
  if (error instanceof StoreUnavailableError) return 'unreachable';
  if (!(error instanceof Error && 'code' in error)) return 'invalid';
  const code = String(error.code);
  return CODES.find(([, codes]) => codes.test(code))?.[0] ?? 'unreachable';
};
