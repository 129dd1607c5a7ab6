import type { Dispatcher } from 'undici';
import { UpstreamError } from '../../errors.ts';
import type { Call } from '../call.ts';

/** An answer as it came from the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> => {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  return plain;
};

/**
 * One request on a pool of connections, by undici's dispatch: on Node 26 a third cheaper than its `request`.
 *
 * Rejects with the signal's reason as soon as it is aborted, and gives up the socket. An answer larger than `maxBytes` is
 * cut off where it passes the limit.
 */
export const exchange = (
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  call: Call,
  maxBytes: number,
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let status = 0;
    let headers: Readonly<Record<string, string>> = {};
    let size = 0;
    let settled = false;
    const chunks: Buffer[] = [];

    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      call.signal.removeEventListener('abort', stop);
      finish();
    };
    const giveUp = (error: Error) => {
      settle(() => reject(error));
      controller?.abort(error);
    };
    const stop = () => giveUp(call.signal.reason);
    const tooLarge = () =>
      giveUp(new UpstreamError('UPSTREAM_RESPONSE_TOO_LARGE', call, `the answer has more than ${maxBytes} bytes`));

    if (call.signal.aborted) return stop();
    call.signal.addEventListener('abort', stop, { once: true });

    pool.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        // Given up while it waited for a connection: nothing has been sent yet.
        if (settled) started.abort(new Error('nobody waits for this any more'));
      },
      onResponseStart(_, statusCode, responseHeaders) {
        if (statusCode < 200) return; // 103 and the like are not the answer
        status = statusCode;
        headers = flat(responseHeaders);
        if (Number(headers['content-length']) > maxBytes) tooLarge();
      },
      onResponseData(_, chunk) {
        size += chunk.length;
        if (size > maxBytes) tooLarge();
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle(() => resolve({ status, headers, body: Buffer.concat(chunks, size) }));
      },
      onResponseError(_, error) {
        settle(() => reject(error));
      },
    });
  });
