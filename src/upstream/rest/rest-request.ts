import type { Dispatcher } from 'undici';
import type { RestMessage } from '../call.ts';

/** A call as HTTP/1.1 sends it, except `host`, `connection` and `content-length`, which the connection adds. */
export interface RestRequest {
  readonly method: RestMessage['method'];
  /** Path of the endpoint's URL, followed by the target of the call. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: RestMessage['body'];
  /** The protocol that the connection changes to. Default: none. */
  readonly upgrade?: 'websocket';
  /**
   * Option of undici, which is not declared. Without it undici would derive a server name from a Host header, and connect
   * anew for each one; the connector sets the name of the endpoint.
   */
  readonly servername?: 'endpoint';
}

/** The options of undici's `dispatch` for a request. */
// Listed by name, because a copy by spread allocates more: a further property of a request must be added here, too.
export const dispatchOptions = ({
  method,
  path,
  headers,
  body,
  upgrade,
  servername,
}: RestRequest): Dispatcher.DispatchOptions & { readonly servername: RestRequest['servername'] | undefined } => ({
  method,
  path,
  headers,
  // undici sends any async iterable; its type has streams only.
  body: body as Exclude<Dispatcher.DispatchOptions['body'], undefined>,
  upgrade: upgrade ?? null,
  servername,
});
