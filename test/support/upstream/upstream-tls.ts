import { X509Certificate } from 'node:crypto';
import { SecretText } from '../../../src/config/secrets/secret.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { UpstreamEvent } from '../../../src/upstream/events.ts';
import { DEFAULT_TLS, type TlsSettings } from '../../../src/upstream/tls/tls-options.ts';
import { UpstreamTls } from '../../../src/upstream/tls/upstream-tls.ts';
import type { IssuedCertificate } from '../certificates/test-authority.ts';

interface TlsTestOptions extends Partial<Omit<TlsSettings, 'trusted' | 'keyPair'>> {
  /** Authorities, as PEM. Default: those that Node trusts. */
  readonly ca?: readonly string[];
  readonly client?: Pick<IssuedCertificate, 'chain' | 'key'>;
}

/** Settings of TLS with these certificates, without files. */
export const tlsSettings = ({ ca, client, ...options }: TlsTestOptions): TlsSettings => ({
  ...DEFAULT_TLS,
  ...options,
  trusted:
    ca === undefined ? null : { files: { files: [], withSystem: false }, initial: { pems: ca, certificates: [] } },
  keyPair:
    client === undefined
      ? null
      : {
          files: null,
          initial: {
            certificateChain: client.chain,
            key: new SecretText(client.key),
            leaf: new X509Certificate(client.chain),
            certificates: [new X509Certificate(client.chain)],
          },
        },
});

/** TLS that trusts these authorities. */
export const tlsWith = (options: TlsTestOptions, report: (event: UpstreamEvent) => void = () => {}): UpstreamTls =>
  new UpstreamTls(tlsSettings(options), { clock: systemClock, report });

/** TLS that trusts this authority, or self-signed certificate. */
export const trusting = (ca: string): UpstreamTls => tlsWith({ ca: [ca] });
