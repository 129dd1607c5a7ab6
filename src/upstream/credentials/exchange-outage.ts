import type { Clock } from '../../core/clock.ts';
import { MAX_PAUSE_MS } from '../outcome.ts';
import { TokenRequestError } from './token-request.ts';

/** Failures in a row, of any callers, after which no request is sent for a while. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const OF_THE_CLIENT: ReadonlySet<string | null> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
]);
const OF_THE_CALLER: ReadonlySet<string | null> = new Set(['invalid_request', 'invalid_grant', 'access_denied']);

/** The party that a failed exchange concerns: the caller of its token, or all callers. */
export const concernOf = (error: unknown): 'caller' | 'all' | 'unclear' => {
  if (!(error instanceof TokenRequestError) || error.status === null) return 'all';
  const { status, error: code } = error;
  if (status === 401 || status === 429 || status >= 500 || OF_THE_CLIENT.has(code)) return 'all';
  // RFC 8693, 2.2.2: a subject token that is invalid, or not acceptable by policy.
  return OF_THE_CALLER.has(code) ? 'caller' : 'unclear';
};

/**
 * The state of an authorization server. Failures of all callers pause the requests of all; a failure that may concern one
 * caller, such as a refused token, never does.
 */
export class ExchangeOutage {
  readonly #clock: Clock;
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntil;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(error: unknown): void {
    if (concernOf(error) !== 'all') return;
    this.#failures += 1;
    // The first ones, such as a 429 for one caller, delay that caller only.
    if (this.#failures < FAILURES) return;
    const demanded = error instanceof TokenRequestError ? Math.min(error.retryAfterMs ?? 0, MAX_PAUSE_MS) : 0;
    const own = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - FAILURES), LONGEST_PAUSE_MS);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + Math.max(own, demanded));
  }
}
