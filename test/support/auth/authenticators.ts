import type { Authentication, Authenticator } from '../../../src/auth/authenticator.ts';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import type { Principal } from '../../../src/request/principal.ts';

/** Returns the result for an Authorization header; null for one that is not recognised. */
export const authenticate = async (
  authenticator: Authenticator,
  authorization: string,
): Promise<Authentication | null> =>
  authenticator
    .credentialOf({ headers: { authorization: [authorization] }, certificate: undefined })
    ?.verify(new AbortController().signal) ?? null;

/** Accepts every token without a check, as the principal that `principalOf` returns for it. */
export const trusting = (principalOf: (token: string) => Principal): Authenticator =>
  firstCredential([
    {
      credentialOf: ({ headers: { authorization } }) =>
        authorization === undefined
          ? null
          : {
              source: 'authorization',
              verify: async () => ({
                is: 'authenticated',
                principal: principalOf((authorization[0] ?? '').replace(/^Bearer /, '')),
              }),
            },
      close: () => {},
    },
  ]);
