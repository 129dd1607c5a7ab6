import { GatewayError } from '../errors.ts';
import { type IdempotencyKey, type KeyScope, sentKey } from './idempotency.ts';

type Headers = Readonly<Record<string, string>>;

/** What one call says beside what all calls of its request say. */
interface Own {
  readonly route: string;
  readonly headers: Headers | undefined;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

/** Headers that all calls of a request have, and the scope of its idempotency keys. */
interface Shared {
  readonly headers: Headers;
  readonly keyScope: KeyScope;
}

const assertSendable = (headers: Headers, sendable: RegExp): void => {
  for (const name in headers)
    if (!sendable.test(headers[name] ?? ''))
      throw new GatewayError(
        'BAD_USER_INPUT',
        `The value for ${name} holds characters that are not allowed there, or space at its ends.`,
      );
};

/**
 * The headers of each call of one request: those of all its calls with the call's own, names in lower case. Where a call has none of
 * its own they are the shared object itself, which is checked once.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that is not `sendable`.
 */
export const headersFor = ({ headers: shared, keyScope }: Shared, sendable: RegExp): ((own: Own) => Headers) => {
  let isSharedSendable = false;
  return ({ route, headers, idempotencyKey }) => {
    if (headers === undefined && idempotencyKey === undefined) {
      if (!isSharedSendable) assertSendable(shared, sendable);
      isSharedSendable = true;
      return shared;
    }
    const all: Record<string, string> = { ...shared };
    for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = value;
    if (idempotencyKey !== undefined) all['idempotency-key'] = sentKey(idempotencyKey, route, keyScope);
    assertSendable(all, sendable);
    return all;
  };
};
