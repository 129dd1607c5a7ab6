import { wallTime as systemWallTime } from '../../core/clock.ts';
import { API_KEY_HEADER } from '../../request/headers.ts';
import type { Authentication, Authenticator, Caller } from '../authenticator.ts';
import type { KeySet } from './key-set.ts';
import { type KeyFault, verifyKey } from './verify-key.ts';

export interface ApiKeyOptions {
  readonly keys: KeySet;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
  /** Counts a refused key. Default: nothing is counted. */
  readonly refused?: (reason: KeyFault | 'unverifiable') => void;
}

const FAULTS: Readonly<Record<KeyFault, string>> = {
  malformed: 'malformed',
  unknown: 'unknown',
  'not-yet': 'not valid yet',
  expired: 'expired',
  revoked: 'revoked',
};

const refusal = (fault: KeyFault): Authentication => {
  const message = `Invalid API key: ${FAULTS[fault]}.`;
  return {
    is: 'invalid',
    message,
    // RFC 9110, 11.6.1: a 401 has a challenge. The scheme has no registration; its parameters are those of RFC 6750.
    challenge: `ApiKey error="invalid_token", error_description="${message}"`,
  };
};

const SCHEME = /^ApiKey(?: +|$)/i;

interface FoundKey {
  readonly source: string;
  readonly text: string;
}

const notEmpty = (values: readonly string[] | undefined): string | undefined =>
  values?.find((value) => value.trim() !== '');

/** Returns the text of the caller's key, valid or not; null without one. An empty header counts as absent. */
const keyOf = ({ valuesOf }: Caller): FoundKey | null => {
  const own = notEmpty(valuesOf(API_KEY_HEADER));
  if (own !== undefined) return { source: API_KEY_HEADER, text: own };
  const authorization = notEmpty(valuesOf('authorization'));
  if (authorization === undefined || !SCHEME.test(authorization)) return null;
  return { source: 'authorization', text: authorization.replace(SCHEME, '').trimEnd() };
};

/**
 * Creates an authenticator for API keys, in the header `X-API-Key` or as `Authorization: ApiKey <key>`. A key in another
 * place, such as the query string, is not recognised.
 */
export const apiKeyAuthenticator = ({
  keys,
  wallTime = systemWallTime,
  refused = () => {},
}: ApiKeyOptions): Authenticator => {
  const verify = async (text: string): Promise<Authentication> => {
    const result = verifyKey(text, keys, wallTime());
    if (result.is === 'valid') return { is: 'authenticated', principal: result.principal };
    refused(result.is === 'invalid' ? result.fault : result.is);
    return result.is === 'invalid' ? refusal(result.fault) : { is: 'unverifiable', retryAfterS: 1 };
  };
  return {
    credentialOf: (caller) => {
      const found = keyOf(caller);
      if (found === null) return null;
      const { source, text } = found;
      // All keys are in memory.
      const isKnown = (): boolean => verifyKey(text, keys, wallTime()).is === 'valid';
      return { source, isKnown, verify: () => verify(text) };
    },
    close: () => keys.close(),
  };
};
