import { mayHoldSecret, printableText } from '../text.ts';
import { issuerUrlFault } from './issuers.ts';
import { type OAuthClient, oauthClient } from './oauth-client.ts';
import { readOptionEntry } from './options.ts';
import { requestUrlFault } from './request-url.ts';

/** Introspection of tokens (RFC 7662). */
export interface IntrospectionSettings {
  /** Issuer of the tokens: of their principals, and of their `iss` if a response has it. */
  readonly issuer: string;
  /** URL of the endpoint; null for that of the issuer's metadata. */
  readonly endpoint: string | null;
  /** Required `aud` of tokens, or one value of it; null for tokens without a check of it. */
  readonly audience: string | null;
  readonly client: OAuthClient;
  /** The claim with the roles. Default `roles`. */
  readonly roles: string;
  /** Maximum milliseconds for which a result is used. Default 30,000. */
  readonly ttlMs: number;
}

const NAMES = ['endpoint', 'audience', 'client', 'secret', 'auth', 'key', 'kid', 'roles', 'ttlMs'] as const;

const FORM =
  'it is written as <issuer>;audience=<name>;client=<id>;secret=<variable>[;endpoint=<url>][;auth=client_secret_post]' +
  '[;roles=<claim>][;ttlMs=<milliseconds>], with key=<variable>[;kid=<id>] in place of secret for private_key_jwt';

const DEFAULT_TTL_MS = 30_000;
const MAX_TTL_MS = 3_600_000;

const ttlOf = (text: string | undefined): number | string => {
  if (text === undefined) return DEFAULT_TTL_MS;
  const ttlMs = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return ttlMs >= 1 && ttlMs <= MAX_TTL_MS ? ttlMs : `ttlMs must be a whole number from 1 to ${MAX_TTL_MS}`;
};

const endpointFault = (endpoint: string | undefined): string | null => {
  const fault = endpoint === undefined ? null : requestUrlFault(endpoint);
  return fault === null ? null : `endpoint ${fault}`;
};

/** Reads `TOKEN_INTROSPECTION`. Every fault is reported; null for a text with faults. */
export const readIntrospection = (text: string, report: (fault: string) => void): IntrospectionSettings | null => {
  const { first: issuer, options, faults } = readOptionEntry(text, NAMES, FORM);
  const { endpoint, audience, roles = 'roles' } = options;
  const [client, ttlMs] = [oauthClient(options), ttlOf(options.ttlMs)];
  const ofIssuer = issuerUrlFault(issuer);
  const problems = [
    ...(ofIssuer === null ? [] : [`the issuer ${ofIssuer}`]),
    ...faults,
    ...(audience === undefined
      ? ['audience is missing: set it to the `aud` of the tokens for this gateway, or to * for tokens without one']
      : []),
    ...[client, ttlMs, endpointFault(endpoint)].filter((one) => typeof one === 'string'),
  ];
  const shown = mayHoldSecret(issuer, text) || issuer === '' ? '' : `${printableText(issuer)}: `;
  for (const problem of problems) report(shown + problem);
  if (problems.length > 0 || typeof client === 'string' || typeof ttlMs === 'string' || audience === undefined)
    return null;
  return { issuer, endpoint: endpoint ?? null, audience: audience === '*' ? null : audience, client, roles, ttlMs };
};
