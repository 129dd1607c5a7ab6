import type { KeyPair } from '../../../config/certificates/key-pair.ts';
import type { TrustedCertificates } from '../../../config/certificates/trusted-certificates.ts';
import type { WatchedFiles } from '../../../config/certificates/watched-value.ts';

/** TLS of a listener. */
export interface ListenerTls {
  /** The certificates, in order: the first one is for clients that send no name, or another one. */
  readonly pairs: readonly WatchedFiles<KeyPair>[];
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Certificates of clients; null if none are requested. */
  readonly clients: ClientCertificates | null;
}

/** Verification of clients. A certificate that is sent must be valid in any case. */
export interface ClientCertificates {
  readonly authorities: WatchedFiles<TrustedCertificates>;
  /** False: connections without a certificate are accepted. */
  readonly areRequired: boolean;
}
