import { z } from 'zod';
import { printableText } from './text.ts';
import { type OAuthClient, oauthClient } from './tokens/oauth-client.ts';
import { readOptionEntry } from './tokens/options.ts';
import { secretVariableFault } from './tokens/shared-secret.ts';

/** The provider and the limits of browser sessions. */
export interface SessionSettings {
  /** Issuer of the OpenID provider: an https URL, or http to this machine. */
  readonly issuer: string;
  readonly client: OAuthClient;
  /** Variable with the keys that encrypt sessions. */
  readonly keysVariable: string;
  /** Origin of the gateway in browsers. `<origin>/auth/callback` is the registered redirect URI. */
  readonly origin: string;
  /** Requested scope, with `openid`. */
  readonly scope: string;
  /** The claim of the ID token with the roles: its name, or nested names joined by dots. */
  readonly roles: string;
  /** Claims of the ID token that `/auth/session` returns. */
  readonly claims: readonly string[];
  /** Seconds without a request after which a session ends. */
  readonly idleS: number;
  /** Seconds after the sign-in at which a session ends. */
  readonly absoluteS: number;
}

const NAMES = [
  ...(['client', 'secret', 'auth', 'key', 'kid', 'keys', 'origin'] as const),
  ...(['scope', 'roles', 'claims', 'idleS', 'absoluteS'] as const),
] as const;

const FORM =
  'they are written as <issuer>;client=<id>;secret=<variable>;keys=<variable>;origin=<origin>[;auth=client_secret_post]' +
  '[;scope=<words>][;roles=<claim>][;claims=<names>][;idleS=<seconds>][;absoluteS=<seconds>], with ' +
  'key=<variable>[;kid=<id>] in place of secret for private_key_jwt';
const MAX_S = 30 * 86_400;
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True for a URL that browsers trust with secure cookies: https, or http to this machine. */
const isTrustworthy = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));

const issuerFault = (text: string): string | null => {
  if (!URL.canParse(text)) return `the issuer is not a URL; ${FORM}`;
  const url = new URL(text);
  if (!isTrustworthy(url)) return 'the issuer must start with https://, or with http://localhost';
  return url.search === '' && url.hash === '' && url.username === '' && url.password === ''
    ? null
    : 'the issuer must not have a user, a query or a fragment';
};

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && isTrustworthy(new URL(text));

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

const seconds = (name: string, fallback: number) => {
  const fault = `${name} must be a whole number of seconds from 60 to ${MAX_S}`;
  return z
    .string()
    .regex(/^\d{2,7}$/, fault)
    .transform(Number)
    .refine((value) => value >= 60 && value <= MAX_S, fault)
    .default(fallback);
};

const OPTIONS = z.object({
  keys: z
    .string('keys is missing: set it to the name of the variable with the keys that encrypt sessions')
    .superRefine((name, context) => {
      const fault = secretVariableFault(name);
      if (fault !== null) context.addIssue(`keys ${fault}`);
    }),
  origin: z
    .string('origin is missing: set it to the origin of the gateway in browsers, such as https://shop.example')
    .refine(isOrigin, 'origin must be an origin such as https://shop.example, or http://localhost:4000'),
  scope: z
    .string()
    .refine((text) => words(text).includes('openid'), 'scope must have the word openid')
    .default('openid'),
  roles: z.string().default('roles'),
  claims: z.string().transform(words).default([]),
  idleS: seconds('idleS', 1_800),
  absoluteS: seconds('absoluteS', 43_200),
});

/** Reads `SESSIONS`. Every fault is reported; null with faults. */
export const readSessions = (text: string, report: (fault: string) => void): SessionSettings | null => {
  const { first: issuer, options, faults: misread } = readOptionEntry(text, NAMES, FORM);
  const [wrongIssuer, client] = [issuerFault(issuer), oauthClient(options)];
  const { data, error } = OPTIONS.safeParse(options);
  const faults = [
    ...(wrongIssuer === null ? [] : [wrongIssuer]),
    ...misread,
    ...(typeof client === 'string' ? [client] : []),
    ...(error?.issues ?? []).map(({ message }) => message),
    ...(data !== undefined && data.idleS > data.absoluteS ? ['idleS must not be above absoluteS'] : []),
  ];
  for (const fault of faults) report(printableText(fault));
  if (data === undefined || typeof client === 'string' || faults.length > 0) return null;
  const { keys: keysVariable, ...same } = data;
  return { ...same, issuer, client, keysVariable };
};

/** Fewest bytes of a key: those of AES-256. */
const MIN_KEY_BYTES = 32;
const MAX_KEYS = 10;

/** Returns the keys of a list, in base64 or base64url, separated by commas or white space; null for an invalid one. */
export const readSessionKeys = (text: string): readonly Buffer[] | null => {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const keys = parts.map((part) => Buffer.from(part, 'base64'));
  const areValid =
    parts.every((part) => /^[\w+/-]+={0,2}$/.test(part)) && keys.every((key) => key.length >= MIN_KEY_BYTES);
  return areValid && keys.length > 0 && keys.length <= MAX_KEYS ? keys : null;
};

/** Returns the fault of the keys, without a part of it; null for a valid value. */
export const sessionKeysFault = (text: string): string | null =>
  readSessionKeys(text) === null
    ? `must have 1 to ${MAX_KEYS} keys of ${MIN_KEY_BYTES} bytes or more in base64, such as one of \`openssl rand -base64 32\``
    : null;
