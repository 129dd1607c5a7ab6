import type { CustomFetch } from 'openid-client';
import type { OwnRequests } from '../../../config/egress/own-requests.ts';
import type { Clock } from '../../../core/clock.ts';
import { readBounded } from '../../../core/read-bounded.ts';
import { reasonOf } from '../../discovery/fetch-json.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;
const TOO_MANY_REQUESTS = 429;

/** The provider did not answer, or answered that it cannot answer now. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError';
}

/**
 * The requests to the provider: within 5 seconds, without redirects, with answers of at most 256 KiB.
 *
 * @throws ProviderUnavailableError for no answer, 429 and 5xx
 */
export const boundedFetch =
  (requests: Pick<OwnRequests, 'fetch'>, clock: Clock): CustomFetch =>
  async (url, { method, headers, body }) => {
    const own = new AbortController();
    const timer = clock.after(TIMEOUT_MS, () => own.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    try {
      const response = await requests.fetch(url, {
        method,
        headers: { ...headers, 'accept-encoding': 'identity' },
        ...(typeof body === 'string' || body instanceof URLSearchParams ? { body: String(body) } : {}),
        redirect: 'manual',
        signal: own.signal,
      });
      const { status } = response;
      if (status >= 500 || status === TOO_MANY_REQUESTS) throw new Error(`status ${status}`);
      const text = await readBounded(response, MAX_BYTES);
      return new Response(text === '' ? null : text, { status, headers: [...response.headers] });
    } catch (error) {
      throw new ProviderUnavailableError(reasonOf(error), { cause: error });
    } finally {
      timer.cancel();
      // Discards the rest of an answer.
      own.abort();
    }
  };
