import type { Authenticator, Credential } from './authenticator.ts';

const MESSAGE = 'The request has more than one credential. Send one only.';

/** Refuses a request with several credentials: a proxy and this gateway could read different ones. */
const several = (source: string): Credential => ({
  source,
  verify: async () => ({
    is: 'invalid',
    message: MESSAGE,
    // RFC 6750, 3.1. The status is 401 nevertheless: clients renew their credentials after it.
    challenge: `Bearer error="invalid_request", error_description="${MESSAGE}"`,
  }),
});

/**
 * Combines authenticators in the order in which they are tried: the first that recognises a credential verifies it.
 * Credentials in two parts of one request, or in two headers of one name, are refused without verification.
 */
export const firstCredential = (authenticators: readonly Authenticator[]): Authenticator => ({
  credentialOf: (caller) => {
    let first: Credential | null = null;
    for (const authenticator of authenticators) {
      const found = authenticator.credentialOf(caller);
      if (found === null) continue;
      const isRepeated = (caller.valuesOf(found.source)?.length ?? 0) > 1;
      if (isRepeated || (first !== null && found.source !== first.source)) return several(found.source);
      first ??= found;
    }
    return first;
  },
  close: () => {
    for (const authenticator of authenticators) authenticator.close();
  },
});
