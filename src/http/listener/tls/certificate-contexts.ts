import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { KeyPair } from '../../../config/certificates/key-pair.ts';
import { listPems, type TrustedCertificates } from '../../../config/certificates/trusted-certificates.ts';
import { clientCertificate } from '../../../request/client-certificate.ts';

/**
 * TLS 1.2 with forward secrecy and authenticated encryption: the intermediate configuration of Mozilla, version 5.8,
 * without DHE. All ciphers of TLS 1.3 are in it.
 */
export const TLS_CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

export interface ContextOptions {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Authorities of client certificates, with their revocation lists; null to request none. */
  readonly clients: Pick<TrustedCertificates, 'pems' | 'revocations'> | null;
}

/** Options of every context of a listener. */
export const contextOptions = (pair: KeyPair, { minVersion, clients }: ContextOptions): SecureContextOptions => ({
  cert: pair.certificateChain,
  key: pair.key.reveal(),
  minVersion,
  ciphers: TLS_CIPHERS,
  // Clients know whether they have instructions for AES: Mozilla's intermediate configuration, too.
  honorCipherOrder: false,
  ...(clients !== null && { ca: [...clients.pems] }),
  // Without a list, OpenSSL checks no revocation. With one, it requires that of each authority of a chain.
  ...(clients?.revocations?.length && { crl: [...listPems(clients)] }),
});

/** The certificates in use, by the names for which they were issued. */
export class CertificateContexts {
  /** Context of the first certificate, for clients that send no name, or another one. */
  readonly usual: SecureContext | undefined;
  readonly #byName = new Map<string, SecureContext>();

  constructor(pairs: readonly KeyPair[], options: ContextOptions) {
    for (const pair of pairs) {
      const context = createSecureContext(contextOptions(pair, options));
      this.usual ??= context;
      for (const { kind, value } of clientCertificate(pair.leaf).names) {
        const name = value.toLowerCase();
        if (kind === 'DNS' && !this.#byName.has(name)) this.#byName.set(name, context);
      }
    }
  }

  /** Returns the context of the first certificate for a name. `*.shop.example` holds for one label. */
  of(name: string): SecureContext | undefined {
    const wanted = name.toLowerCase();
    const dot = wanted.indexOf('.');
    return this.#byName.get(wanted) ?? (dot < 0 ? undefined : this.#byName.get(`*${wanted.slice(dot)}`)) ?? this.usual;
  }
}
