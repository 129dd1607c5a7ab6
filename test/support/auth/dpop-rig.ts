import { onTestFinished } from 'vitest';
import type { Caller } from '../../../src/auth/authenticator.ts';
import { type TokenOptions, tokenAuthenticator } from '../../../src/auth/tokens/token-authenticator.ts';
import { manualClock } from '../clock/manual-clock.ts';
import { callerWith } from './authenticators.ts';
import { dpopClient } from './dpop.ts';
import { AUDIENCE, ISSUER, startIssuer } from './issuer.ts';

/** Tokens of one issuer, a client with a key for DPoP, and an authenticator, on a manual clock. */
export const dpopRig = async (options: Partial<TokenOptions> = {}) => {
  const clock = manualClock();
  const issuer = await startIssuer(clock.wallTime);
  const client = await dpopClient(clock.wallTime);
  const keys = { by: 'url', url: issuer.jwksUrl } as const;
  const open = (more: Partial<TokenOptions> = {}) =>
    tokenAuthenticator({
      issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys, roles: 'roles', typ: 'at+jwt' }],
      ...{ clock, log: { warn: () => {} }, wallTime: clock.wallTime, ...options, ...more },
    });
  const authenticator = open();
  onTestFinished(async () => {
    authenticator.close();
    await issuer[Symbol.asyncDispose]();
  });
  const token = issuer.token({ cnf: { jkt: client.jkt } });
  type More = Partial<Caller> & { readonly by?: typeof authenticator };
  /** Returns the subject, or the challenge. */
  const send = async (
    authorization: string,
    proofs: readonly string[] | undefined,
    { by = authenticator, certificate, ...request }: More = {},
  ): Promise<string | undefined> => {
    const headers = { authorization: [authorization], ...(proofs !== undefined && { dpop: proofs }) };
    const caller = callerWith(headers, certificate, { host: 'shop.example', ...request });
    const result = await by.credentialOf(caller)?.verify(new AbortController().signal);
    if (result?.is === 'invalid') return result.challenge;
    return result?.is === 'authenticated' && result.principal.kind === 'user' ? result.principal.subject : result?.is;
  };
  return {
    ...{ clock, issuer, client, token, open, send },
    /** Sends the bound token with a proof. */
    prove: (proof: string, more?: More) => send(`DPoP ${token}`, [proof], more),
  };
};

/** Challenge for a refused proof. */
export const refusedProof = (reason: string) =>
  `DPoP error="invalid_dpop_proof", error_description="Invalid DPoP proof: ${reason}.", ` +
  'algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519"';
