import type { Clock } from '../../core/clock.ts';

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;

const textOf = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

/**
 * Fetches JSON of at most 256 KiB within 5 seconds. Any status but 200 is a failure, redirects included.
 *
 * @throws Error with the reason
 */
export const fetchJson = async (url: string, clock: Clock): Promise<unknown> => {
  const controller = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => controller.abort(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  try {
    const response = await fetch(url, {
      signal: controller.signal,
      redirect: 'error',
      headers: { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' },
    });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return JSON.parse(await textOf(response));
  } finally {
    timer.cancel();
    // Discards the rest of the response.
    controller.abort();
  }
};
