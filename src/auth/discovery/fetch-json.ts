import type { OwnRequests } from '../../config/egress/own-requests.ts';
import type { Clock } from '../../core/clock.ts';
import { readBounded } from '../../core/read-bounded.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;

/** A response with another status than 200. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

// The message of JSON.parse repeats a part of the text.
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the response is no JSON');
  }
};

/**
 * Fetches JSON of at most 256 KiB within 5 seconds. Any status but 200 is a failure, redirects included.
 *
 * @throws Error with the reason
 */
export const fetchJson = async (url: string, clock: Clock, requests: Pick<OwnRequests, 'fetch'>): Promise<unknown> => {
  const controller = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => controller.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  try {
    const response = await requests.fetch(url, {
      signal: controller.signal,
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' },
    });
    if (response.status !== 200) throw new StatusError(response.status);
    return parsed(await readBounded(response, MAX_BYTES));
  } finally {
    timer.cancel();
    // Discards the rest of the response.
    controller.abort();
  }
};

/** Reason of a failed request for the log. The message of a failed fetch() is generic; its cause has the reason. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
};
