import { z } from 'zod';
import { egressEntryFault } from './egress/egress-rules.ts';
import { noProxyEntries, noProxyFault } from './egress/no-proxy.ts';
import { type ProxyEntry, parseProxyList, parseProxyUrl } from './egress/proxy-list.ts';
import { networkFault, proxyFault } from './network/proxies.ts';
import { filePath } from './places.ts';
import { redisUrlFault } from './redis-url.ts';
import { readSessions, type SessionSettings } from './sessions.ts';
import { isDecodable, partsOf } from './text.ts';
import { type IntrospectionSettings, readIntrospection } from './tokens/introspection.ts';
import { type IssuerSettings, readIssuers } from './tokens/issuers.ts';
import { type ProtectedResource, readProtectedResource } from './tokens/protected-resource.ts';

/*
 * Kinds of values of variables. Each reads a trimmed text that is not empty. The message for an invalid value names the
 * valid ones, and does not repeat a value that may be a secret.
 */

/** Largest delay of a timer in milliseconds, and largest count of anything. */
export const MAX_NUMBER = 2_147_483_647;

/** A whole number in decimal digits. JavaScript would also read `1e3`, `0x10` and a blank. */
export const wholeNumber = (fallback: number, min: number, max: number = MAX_NUMBER) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}, in digits`)
    .transform(Number)
    .refine((number) => number >= min && number <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

/** A whole number. Default null, for a value that is derived from the machine. */
export const derived = (min: number) =>
  z
    .string()
    .transform((text, context): number | null => {
      const read = wholeNumber(min, min, Number.MAX_SAFE_INTEGER).safeParse(text);
      for (const { message } of read.error?.issues ?? []) context.addIssue(message);
      return read.data ?? null;
    })
    .default(null);

const REPLICA = 'must be the number of this replica, from 0, and the number of all, such as 0/3';

/** The place of a replica among all: its number, from 0, divided by the number of all. Default null. */
export const replica = z
  .string()
  .transform((text, context): number | null => {
    const [index = 0, count = 0] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.slice(1).map(Number) ?? [];
    if (index < count) return index / count;
    context.addIssue(REPLICA);
    return null;
  })
  .default(null);

export const port = (fallback: number) => wholeNumber(fallback, 0, 65_535);

export const positive = (fallback: number, max?: number) => wholeNumber(fallback, 1, max);

/** A number from 0 to 1, in decimal notation. */
export const share = (fallback: number) =>
  z
    .string()
    .regex(/^(0|1|0?\.\d{1,15}|[01]\.0{1,15}|0\.\d{1,15})$/, 'must be a number from 0 to 1, such as 0.25')
    .transform(Number)
    .default(fallback);

/** A number of 0 or more in decimal notation, with at most six digits before and after the point. Default 0. */
export const weight = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,6})?$/, 'must be a number from 0 to 999999, such as 0.5')
  .transform(Number)
  .default(0);

/** Returns the message for a variable with a fixed set of words. */
export const oneOf = (words: readonly string[]): string =>
  `must be ${words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`}`;

export const word = <const Words extends readonly [string, ...string[]]>(words: Words) => z.enum(words, oneOf(words));

export const onOff = word(['on', 'off']).default('off');

/** A text that matches a pattern; `fault` is the message for others. */
export const matching = (pattern: RegExp, fault: string, fallback: string) =>
  z.string().regex(pattern, fault).default(fallback);

/** A list separated by commas. `faultOf` returns the fault of one part, or null. */
export const listOf = (faultOf: (part: string) => string | null) =>
  z
    .string()
    .transform((text, context) => {
      const parts = partsOf(text);
      for (const fault of new Set(parts.flatMap((part) => faultOf(part) ?? []))) context.addIssue(fault);
      return parts;
    })
    .default([]);

const PAIR = /^[\w.\-/%]{1,255}\s*=[^=]*=*$/;

/** OpenTelemetry's list of `name=value`, percent-encoded. The SDK reads it by itself; values may be secrets. */
export const pairs = listOf((part) =>
  PAIR.test(part) && isDecodable(part)
    ? null
    : 'must be name=value, separated by commas, with special characters as %XX',
);

/** A name or address to listen on. */
export const host = (fallback: string) =>
  matching(
    /^[\w.-]{1,253}$|^[\da-f:.]{2,45}(%[\w.-]{1,32})?$/i,
    'must be an address or a host name such as 0.0.0.0 or ::, without scheme, port and brackets',
    fallback,
  );

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text && !text.includes('*');

export const origins = listOf((part) =>
  part === '*' || isOrigin(part) ? null : 'must be origins such as https://shop.example, separated by commas, or *',
);

export const proxies = listOf(proxyFault);

// The last label of a name begins with a letter.
const PUBLIC_HOST =
  /^(?:(?=.{1,253}$)(?:\*\.)?(?:[a-z\d_-]{1,63}\.)*[a-z][a-z\d-]{0,62}|\d{1,3}(?:\.\d{1,3}){3}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Names or addresses of this gateway in requests, with or without a port. */
export const hostNames = listOf((part) =>
  PUBLIC_HOST.test(part)
    ? null
    : 'must be hosts such as shop.example, *.shop.example or shop.example:8443, separated by commas',
);

/** Paths of files, which are checked when they are read. */
export const paths = listOf(() => null);

/** The path of a file or folder. Default none. */
export const path = z
  .string()
  .transform((text): string | null => text)
  .default(null);

/** A port. Default none. */
export const optionalPort = z
  .string()
  .transform((text, context): number | null => {
    const read = wholeNumber(0, 0, 65_535).safeParse(text);
    for (const { message } of read.error?.issues ?? []) context.addIssue(message);
    return read.data ?? null;
  })
  .default(null);

/** The value of `Strict-Transport-Security`: seconds, and its two words. Default none. */
export const hsts = z
  .string()
  .regex(
    /^(?:off|\d{1,10}(?:\s*;\s*includeSubDomains)?(?:\s*;\s*preload)?)$/,
    'must be off, or a number of seconds, followed by ;includeSubDomains and ;preload if they should be sent',
  )
  .transform((text): string | null => (text === 'off' ? null : `max-age=${text.split(/\s*;\s*/).join('; ')}`))
  .default(null);

export const networks = listOf(networkFault);

const REGISTRATION_TOKEN = /^[\w-]+\.[\w-]+\s*=\s*[\x21-\x2b\x2d-\x7e]{16,1024}$/;

/** Tokens by upstream, as `<module>.<upstream>=<token>`. An upstream may be listed twice, to replace its token. */
export const registrationTokens = listOf((part) =>
  REGISTRATION_TOKEN.test(part)
    ? null
    : 'must be <module>.<upstream>=<token>, separated by commas, with tokens of 16 to 1,024 visible ASCII characters',
).transform((parts) =>
  parts.map((part) => {
    const [upstream = '', ...token] = part.split('=');
    return { upstream: upstream.trim(), token: token.join('=').trim() };
  }),
);

export const issuers = z
  .string()
  .transform((text, context): readonly IssuerSettings[] => readIssuers(text, (fault) => context.addIssue(fault)))
  .default([]);

/** Introspection of tokens. Default none. */
export const tokenIntrospection = z
  .string()
  .transform((text, context): IntrospectionSettings | null =>
    readIntrospection(text, (fault) => context.addIssue(fault)),
  )
  .default(null);

/** The gateway as a protected resource. Default none. */
export const protectedResource = z
  .string()
  .transform((text, context): ProtectedResource | null =>
    readProtectedResource(text, (fault) => context.addIssue(fault)),
  )
  .default(null);

/** A number of requests per number of seconds; null for `off`. */
/** Browser sessions. Default null, for none. */
export const sessions = z
  .string()
  .transform((text, context): SessionSettings | null => readSessions(text, (fault) => context.addIssue(fault)))
  .default(null);

export const quota = (limit: number, seconds: number) =>
  z
    .string()
    .regex(/^(off|[1-9]\d{0,8}\/[1-9]\d{0,4})$/, 'must be off, or <requests>/<seconds>, such as 6000/60')
    .transform((text) => {
      const [most = 0, every = 0] = text.split('/').map(Number);
      return text === 'off' ? null : { limit: most, seconds: every };
    })
    .default({ limit, seconds });

/** An address with a fault function. Default null. */
const address = (faultOf: (text: string) => string | null) =>
  z
    .string()
    .transform((text, context): string | null => {
      const fault = faultOf(text);
      if (fault !== null) context.addIssue(fault);
      return text;
    })
    .default(null);

export const redisUrl = address(redisUrlFault);

/** The base address of an HTTP service, to which paths are appended. */
export const httpBase = (example: string) =>
  address((text) => {
    const url = URL.canParse(text) && !/\s/.test(text) ? new URL(text) : null;
    const isBase = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
    return isBase ? null : `must be an address such as ${example}, without a query`;
  });

/** The name of an issuer of tokens: a URL (RFC 8414, 2). Default null. */
export const issuerName = address((text) => {
  const url = URL.canParse(text) && !/[^\x21-\x7e]/.test(text) ? new URL(text) : null;
  const isName = url !== null && /^https?:$/.test(url.protocol) && !/[?#@]/.test(text);
  return isName ? null : 'must be a URL such as https://gateway.shop.internal, without user, query and fragment';
});

/** A token that is sent in a header. Default null. */
export const adminToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,1024}$/, 'must have 16 to 1,024 visible ASCII characters and no space')
  .transform((text): string | null => text)
  .default(null);

/** Hosts, addresses and CIDRs that the gateway may call; an empty list stands for all. */
export const egressAllow = listOf(egressEntryFault);

/** Where the list of egress proxies is. */
export type ProxySource =
  | { readonly by: 'list'; readonly proxies: readonly ProxyEntry[] }
  | { readonly by: 'file'; readonly path: string };

const proxySource = (text: string): ProxySource => {
  const path = filePath(text, 'file:/etc/tributary/proxies');
  return path === null ? { by: 'list', proxies: parseProxyList(text) } : { by: 'file', path };
};

/** A value that `read` makes of the text, or fails. Default null. */
const readBy = <Value>(read: (text: string) => Value) =>
  z
    .string()
    .transform((text, context): Value | null => {
      try {
        return read(text);
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : 'is invalid');
        return null;
      }
    })
    .default(null);

/** Proxies for outgoing calls: a list, or the file with it. */
export const egressProxies = readBy(proxySource);

/** The URL of one proxy. */
export const usualProxy = readBy((text): ProxyEntry => ({ ...parseProxyUrl(text), labels: {} }));

/** Hosts without a proxy. */
export const noProxy = z
  .string()
  .transform((text, context) => {
    const entries = noProxyEntries(text);
    for (const fault of new Set(entries.flatMap((entry) => noProxyFault(entry) ?? []))) context.addIssue(fault);
    if (entries.length === 0) context.addIssue('has no host');
    return entries;
  })
  .default([]);
