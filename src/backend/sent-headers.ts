import { GatewayError } from '../errors.ts';
import { type IdempotencyKey, type KeyScope, sentKey } from './idempotency.ts';
import type { HeaderRules } from './own-headers.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers of one call, in addition to those of all calls of its request. */
interface Own {
  readonly route: string;
  readonly headers: Headers | undefined;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

/** Headers that all calls of a request have, and the scope of its idempotency keys. */
interface Shared {
  readonly upstream: string;
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

/** The reason why a header is not sent as it is written; null where it is. */
const refusalOf = (written: string, value: unknown, { name, refusal }: HeaderRules, before: Headers): string | null => {
  const lower = written.toLowerCase();
  if (typeof value !== 'string') return 'is not a text: leave it out where there is no value';
  if (!name.test(lower)) return 'is not a valid name';
  if (Object.hasOwn(before, lower)) return 'is there twice, in other letters: remove one';
  return refusal(lower, value);
};

/** The headers that a module wrote at a call, names in lower case. @throws Error for one that would not be sent as it is written. */
const ownHeaders = (own: Headers, rules: HeaderRules, at: string): Headers => {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    const reason = refusalOf(name, value, rules, checked);
    if (reason !== null) throw new Error(`${at}: the header ${JSON.stringify(name)} ${reason}.`);
    checked[name.toLowerCase()] = value;
  }
  return checked;
};

/**
 * The headers of each call of one request: those of all its calls with the call's own, names in lower case. Where a call has none of
 * its own they are the shared object itself, which is checked once.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that is not `sendable`; Error for a header that the module may not set.
 */
export const headersFor = (
  { upstream, headers: shared, keyScope }: Shared,
  rules: HeaderRules,
): ((own: Own) => Headers) => {
  let isSharedSendable = false;
  return ({ route, headers, idempotencyKey }) => {
    if (headers === undefined && idempotencyKey === undefined) {
      if (!isSharedSendable) assertSendable(shared, rules.sendable);
      isSharedSendable = true;
      return shared;
    }
    const all: Record<string, string> = { ...shared };
    if (headers !== undefined) Object.assign(all, ownHeaders(headers, rules, `${upstream}: ${route}`));
    if (idempotencyKey !== undefined) all['idempotency-key'] = sentKey(idempotencyKey, route, keyScope);
    assertSendable(all, rules.sendable);
    return all;
  };
};
