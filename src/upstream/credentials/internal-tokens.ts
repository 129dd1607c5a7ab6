import type { InternalTokenIssuer } from '../../auth/internal-token/internal-token-issuer.ts';
import { endOfCredential } from './call-subject.ts';
import { type CallerTokens, NoSubjectError, type WithoutIdentity } from './caller-tokens.ts';

/** Issues JWTs of the gateway about verified callers. */
export type TokenIssuer = Pick<InternalTokenIssuer, 'issue'>;

export interface CallerTokenOptions {
  /** `aud` of the tokens. */
  readonly audience: string;
  readonly withoutIdentity: WithoutIdentity;
}

/** The tokens that the gateway issues for the callers of one upstream. A refused one is not issued again. */
export const internalTokens = (
  issuer: TokenIssuer,
  { audience, withoutIdentity }: CallerTokenOptions,
): CallerTokens => ({
  token: (subject) => {
    if (subject !== null && subject.principal.kind !== 'anonymous')
      return issuer.issue(subject.principal, audience, endOfCredential(subject));
    if (withoutIdentity === 'send') return null;
    throw new NoSubjectError(subject);
  },
  renew: async () => false,
  close: () => {},
});
