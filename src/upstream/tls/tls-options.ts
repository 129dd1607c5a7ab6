import { isIP } from 'node:net';
import type { z } from 'zod';
import type { KeyPair, KeyPairFiles } from '../../config/certificates/key-pair.ts';
import type { TrustedCertificates, TrustedFiles } from '../../config/certificates/trusted-certificates.ts';
import { type Fix, group, listOption, named, oneOfOption, option } from '../option-kinds.ts';
import { isUri } from './server-identity.ts';

const HOST = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?)*$/i;

/** Returns the fix of a server name; null for a valid one. */
export const serverNameFix: Fix = (value) =>
  typeof value === 'string' && HOST.test(value) && isIP(value) === 0
    ? null
    : 'use the name of a host, as in orders.internal';

/** SPIFFE ID, 2: a trust domain and a path. */
const SPIFFE = /^spiffe:\/\/[a-z\d._-]{1,255}(\/[A-Za-z\d._-]+)*$/;

/** Returns the fix of an alternative name; null for a valid one. */
export const alternativeNameFix: Fix = (value) => {
  const fix = 'use a URI or the name of a host, as in spiffe://shop.example/orders or orders.internal';
  if (typeof value !== 'string' || value.length > 2_048) return fix;
  if (value.startsWith('spiffe:'))
    return SPIFFE.test(value) ? null : 'use a SPIFFE ID such as spiffe://shop.example/orders';
  if (isUri(value)) return URL.canParse(value) && !/[\s,]/.test(value) ? null : fix;
  return HOST.test(value) ? null : fix;
};

export const MIN_VERSIONS = ['1.2', '1.3'] as const;

const TLS = group({
  /**
   * Name that is sent to the server (SNI), and that its certificate must have. Default the host of each endpoint's
   * address: also of those from DNS, which keep the name.
   */
  serverName: option<string>(serverNameFix).optional(),
  /**
   * [Alternative names](tls.md#the-identity-of-a-server), one of which the certificate of a server must have, in place of
   * its host: `['spiffe://shop.example/orders']`. Default none: the certificate must have the server name.
   */
  subjectAltNames: listOption<string>(alternativeNameFix).optional(),
  /** Oldest version of TLS that is accepted, `'1.2'` or `'1.3'`. Default 1.2: older ones are broken (RFC 8996). */
  minVersion: oneOfOption(...MIN_VERSIONS).optional(),
});

/** Options of TLS that a module may set. The environment has the files, and takes precedence. */
export interface TlsOptions extends z.input<typeof TLS> {}
interface TlsOptionSettings extends z.output<typeof TLS> {}

/** The option `tls` of an upstream. */
export const TLS_OPTION = named<TlsOptionSettings, TlsOptions>(TLS).optional();

/** TLS of the connections to an upstream. */
export interface TlsSettings {
  /** Null: the host of each endpoint's address. */
  readonly serverName: string | null;
  readonly subjectAltNames: readonly string[];
  readonly minVersion: (typeof MIN_VERSIONS)[number];
  /** Authorities, with their files; null for those that Node trusts. */
  readonly trusted: { readonly files: TrustedFiles; readonly initial: TrustedCertificates } | null;
  /** The gateway's own certificate; null for none. Without files it never changes. */
  readonly keyPair: { readonly files: KeyPairFiles | null; readonly initial: KeyPair } | null;
}

/** TLS without files and options. */
export const DEFAULT_TLS: TlsSettings = {
  serverName: null,
  subjectAltNames: [],
  minVersion: '1.2',
  trusted: null,
  keyPair: null,
};
