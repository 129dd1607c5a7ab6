import { GatewayError } from '../errors.ts';

type Headers = Readonly<Record<string, string>>;

/** What one call says beside what all calls of its request say. */
interface Own {
  readonly headers: Headers | undefined;
  readonly idempotencyKey: string | undefined;
}

const assertSendable = (headers: Headers, sendable: RegExp): void => {
  for (const name in headers)
    if (!sendable.test(headers[name] ?? ''))
      throw new GatewayError('BAD_USER_INPUT', `The value for ${name} holds characters that are not allowed there.`);
};

/**
 * The headers of each call of one request: `shared` with the call's own, names in lower case. Where a call has none of its own they
 * are `shared` itself, which is looked at once.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that is not `sendable`.
 */
export const headersFor = (shared: Headers, sendable: RegExp): ((own: Own) => Headers) => {
  let isSharedSendable = false;
  return ({ headers, idempotencyKey }) => {
    if (headers === undefined && idempotencyKey === undefined) {
      if (!isSharedSendable) assertSendable(shared, sendable);
      isSharedSendable = true;
      return shared;
    }
    const all: Record<string, string> = { ...shared };
    for (const [name, value] of Object.entries(headers ?? {})) all[name.toLowerCase()] = value;
    if (idempotencyKey !== undefined) all['idempotency-key'] = idempotencyKey;
    assertSendable(all, sendable);
    return all;
  };
};
