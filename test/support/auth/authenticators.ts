import type { Authentication, Authenticator, Caller } from '../../../src/auth/authenticator.ts';
import { firstCredential } from '../../../src/auth/first-credential.ts';
import type { Principal } from '../../../src/request/principal.ts';

/** A caller with these headers; by default without a certificate, with a POST to /graphql over TLS, for an unknown host. */
export const callerWith = (
  headers: Readonly<Record<string, readonly string[]>>,
  certificate: Caller['certificate'] = undefined,
  request: Partial<Omit<Caller, 'valuesOf' | 'certificate'>> = {},
): Caller => ({
  valuesOf: (header) => headers[header],
  certificate,
  method: 'POST',
  target: '/graphql',
  scheme: 'https',
  host: null,
  network: () => '192.0.2.1',
  ...request,
});

/** Returns the result for an Authorization header; null for one that is not recognised. */
export const authenticate = async (
  authenticator: Authenticator,
  authorization: string,
  request: Partial<Pick<Caller, 'network'>> = {},
): Promise<Authentication | null> =>
  authenticator
    .credentialOf(callerWith({ authorization: [authorization] }, undefined, request))
    ?.verify(new AbortController().signal) ?? null;

/** Accepts every token without a check, as the principal that `principalOf` returns for it. */
export const trusting = (principalOf: (token: string) => Principal): Authenticator =>
  firstCredential([
    {
      credentialOf: ({ valuesOf }) => {
        const authorization = valuesOf('authorization');
        return authorization === undefined
          ? null
          : {
              source: 'authorization',
              verify: async () => ({
                is: 'authenticated',
                principal: principalOf((authorization[0] ?? '').replace(/^Bearer /, '')),
              }),
            };
      },
      close: () => {},
    },
  ]);
