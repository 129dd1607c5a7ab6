import { mayHoldSecret, partsOf, printableText } from '../text.ts';
import { type Options, readOptionEntry } from './options.ts';
import { requestUrlFault } from './request-url.ts';
import { HMAC_ALGORITHMS, type HmacAlgorithm, isHmac, secretVariableFault } from './shared-secret.ts';

/** The keys that verify the tokens of an issuer: public ones, or a shared secret, never both. */
export type IssuerKeys =
  /** Published at a URL (RFC 7517). */
  | { readonly by: 'url'; readonly url: string }
  /** Published at the `jwks_uri` of the issuer's metadata. */
  | { readonly by: 'discovery' }
  /** A secret of the environment. `variable` is the name of its variable. */
  | { readonly by: 'secret'; readonly variable: string; readonly algorithm: HmacAlgorithm };

/** An issuer of accepted tokens, with the settings of their checks. */
export interface IssuerSettings {
  /** Required `iss` of tokens, compared exactly. */
  readonly issuer: string;
  /** Required `aud` of tokens, or one value of it. */
  readonly audience: string;
  readonly keys: IssuerKeys;
  /** The claim with the roles: its name, or nested names joined by dots. Default `roles`. */
  readonly roles: string;
  /** Required `typ` of tokens. Default `at+jwt`. */
  readonly typ: string;
}

const NAMES = ['audience', 'jwks', 'secret', 'alg', 'roles', 'typ'] as const;

const FORM =
  'an issuer is written as <issuer>;audience=<name>[;jwks=<url>][;secret=<variable>;alg=<HS256>][;roles=<claim>][;typ=<type>]';

/** Returns the reason why a text is no issuer with metadata (RFC 8414, 2); null for a valid one. */
export const issuerUrlFault = (text: string): string | null =>
  requestUrlFault(text) ?? (/[?#]/.test(text) ? 'must have no query and no fragment' : null);

const secretKeys = (variable: string, algorithm: string): IssuerKeys | string => {
  if (!isHmac(algorithm)) return `alg must be one of ${HMAC_ALGORITHMS.join(', ')}`;
  const fault = secretVariableFault(variable);
  return fault === null ? { by: 'secret', variable, algorithm } : `secret ${fault}`;
};

/** Returns the keys of an issuer, or the fault of its options. */
const keysOf = ({ jwks, secret, alg }: Options<(typeof NAMES)[number]>): IssuerKeys | string => {
  if (jwks !== undefined && secret !== undefined)
    return 'has jwks and secret: remove one, as the tokens of an issuer have public keys or a secret';
  if (secret !== undefined) return secretKeys(secret, alg ?? 'HS256');
  if (alg !== undefined) return 'alg is for an issuer with secret: remove it';
  if (jwks === undefined) return { by: 'discovery' };
  const fault = requestUrlFault(jwks);
  return fault === null ? { by: 'url', url: jwks } : `jwks ${fault}`;
};

/** Returns the faults of an issuer without options that it needs. */
const missingIn = (issuer: string, audience: string | undefined, keys: IssuerKeys | string): readonly string[] => {
  const undiscoverable = typeof keys !== 'string' && keys.by === 'discovery' ? issuerUrlFault(issuer) : null;
  return [
    ...(audience === undefined ? ['audience is missing: set it to the `aud` of the tokens for this gateway'] : []),
    ...(undiscoverable === null
      ? []
      : [
          `jwks is missing: set it to the URL of the keys of the issuer, which has no metadata, as it ${undiscoverable}`,
        ]),
  ];
};

const shown = (issuer: string, whole: string): string =>
  mayHoldSecret(issuer, whole) ? 'an issuer' : printableText(issuer);

const readOne = (text: string, whole: string, report: (problem: string) => void): IssuerSettings[] => {
  const { first: issuer, options, faults } = readOptionEntry(text, NAMES, FORM, whole);
  const problems = [
    ...(issuer === '' || /^(audience|jwks|secret|alg|roles|typ)\s*=/.test(issuer)
      ? [`the issuer is missing before its options; ${FORM}`]
      : []),
    ...faults,
  ];
  const { audience, roles = 'roles', typ = 'at+jwt' } = options;
  const keys = keysOf(options);
  if (problems.length === 0) problems.push(...missingIn(issuer, audience, keys));
  if (typeof keys === 'string') problems.push(keys);
  for (const problem of problems) report(`${shown(issuer, whole)}: ${problem}`.replace(/^: /, ''));
  return audience === undefined || typeof keys === 'string' ? [] : [{ issuer, audience, keys, roles, typ }];
};

/** Reads `JWT_ISSUERS`. Every fault is reported; the result is valid only without faults. */
export const readIssuers = (text: string, report: (fault: string) => void): readonly IssuerSettings[] => {
  const issuers = partsOf(text).flatMap((part) => readOne(part, text, report));
  const names = issuers.map(({ issuer }) => issuer);
  const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
  for (const name of twice) report(`${shown(name, text)}: is listed twice: remove one`);
  return issuers;
};
