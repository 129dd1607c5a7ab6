import { GatewayError } from '../../core/errors.ts';
import { type IdempotencyKey, type KeyScope, sentKey } from './idempotency.ts';
import type { HeaderRules } from './own-headers.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers of one call, in addition to those of all calls of its request. */
interface Own {
  readonly route: string;
  readonly headers: Headers | undefined;
  readonly idempotencyKey: IdempotencyKey | undefined;
}

/** Headers of all calls of a request, and the scope of its idempotency keys. */
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
        `Invalid value of the header ${name}: it has characters that are not allowed, or a space at an end.`,
      );
};

/** The reason for which a header cannot be sent as written; null if it can. */
const refusalOf = (written: string, value: unknown, { name, refusal }: HeaderRules, before: Headers): string | null => {
  const lower = written.toLowerCase();
  if (typeof value !== 'string') return 'is not a string: leave it out if it has no value';
  if (!name.test(lower)) return 'is not a valid name';
  if (Object.hasOwn(before, lower)) return 'is set twice in different case: remove one';
  return refusal(lower, value);
};

/**
 * Checks the headers of one call and returns them with names in lower case. @throws Error for a header that cannot be
 * sent as written.
 */
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
 * Returns the headers of each call of one request: those of all its calls with the call's own, names in lower case.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that is not `sendable`; Error for a header that the module must not
 * set.
 */
export const headersFor =
  ({ upstream, headers: shared, keyScope }: Shared): ((own: Own, rules: HeaderRules) => Record<string, string>) =>
  ({ route, headers, idempotencyKey }, rules) => {
    const all: Record<string, string> = { ...shared };
    if (headers !== undefined) Object.assign(all, ownHeaders(headers, rules, `${upstream}: ${route}`));
    if (idempotencyKey !== undefined) all['idempotency-key'] = sentKey(idempotencyKey, route, keyScope);
    assertSendable(all, rules.sendable);
    return all;
  };
