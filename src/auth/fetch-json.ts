import type { Clock } from '../clock.ts';

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
 * The JSON at a URL that answers 200 itself (a redirect is a failure), within 5 seconds, with 256 KiB at most.
 *
 * @throws Error that says what went wrong
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
    // Whatever is still to come of the answer is of no interest.
    controller.abort();
  }
};
