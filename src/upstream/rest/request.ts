import type { Clock } from '../../core/clock.ts';
import type { Call, RestMessage } from '../call.ts';
import { ACCEPTED_CODINGS } from './answer/decompress.ts';

/** A call as HTTP/1.1 sends it, except `host`, `connection` and `content-length`, which the connection adds. */
export interface RestRequest {
  readonly method: RestMessage['method'];
  /** Path of the endpoint's URL, followed by the target of the call. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: RestMessage['body'];
}

export interface RestRequestOptions {
  readonly clock: Clock;
  /** Header with the milliseconds until the deadline; null for none. */
  readonly deadlineHeader: string | null;
  /** True to accept compressed answers. */
  readonly compression: boolean;
}

/** Returns the function that makes the HTTP request of a call. */
export const restRequests =
  ({ clock, deadlineHeader, compression }: RestRequestOptions) =>
  (call: Call, { method, target, body }: RestMessage, basePath: string): RestRequest => {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-encoding': compression ? ACCEPTED_CODINGS : 'identity',
      'user-agent': 'tributary',
      ...call.headers,
    };
    if (body !== null) headers['content-type'] ??= 'application/json';
    if (deadlineHeader !== null && Number.isFinite(call.deadline))
      headers[deadlineHeader] = String(Math.max(1, Math.floor(call.deadline - clock.now())));
    return { method, path: basePath + target, headers, body };
  };
