import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext, type PeerCertificate, type SecureContext, TLSSocket } from 'node:tls';
import { ExpiryWatch } from '../../config/certificates/expiry-watch.ts';
import type { KeyPair } from '../../config/certificates/key-pair.ts';
import type { TrustedCertificates } from '../../config/certificates/trusted-certificates.ts';
import type { UsedCertificate } from '../../config/certificates/used-certificate.ts';
import {
  type CertificateEvent,
  type WatchDependencies,
  watchKeyPair,
  watchTrustedCertificates,
} from '../../config/certificates/watch-certificates.ts';
import { constantValue, type WatchedFiles } from '../../config/certificates/watched-value.ts';
import { type Clock, wallTime } from '../../core/clock.ts';
import { addressOf, type Endpoint, hostNameOf } from '../endpoints/endpoint.ts';
import type { Report } from '../events.ts';
import { CLOSED_EARLY, HandshakeError, handshakeFailure } from './handshake-failure.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import { serverIdentity } from './server-identity.ts';
import { DEFAULT_TLS, type TlsSettings } from './tls-options.ts';
import { type TlsSnapshot, tlsSnapshot } from './tls-snapshot.ts';

export interface UpstreamTlsDependencies {
  readonly clock: Clock;
  readonly report: Report;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly wallTime?: () => number;
}

/** Options of `tls.connect`. */
export interface SecureOptions {
  readonly secureContext: SecureContext;
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  readonly rejectUnauthorized: true;
  readonly servername?: string;
}

/** TLS of new connections. */
export interface ClientTls {
  /** Returns the options of `tls.connect` for a new connection to this endpoint, without its address. */
  optionsFor(endpoint: Endpoint): SecureOptions;
  /** Records the certificate that a server has presented. */
  connected(endpoint: Endpoint, socket: unknown): void;
  /**
   * Counts a failed handshake, and returns its error; returns an error of the connection below TLS unchanged. `socket`
   * is that of the connection, if there is one.
   */
  failed(endpoint: Endpoint, error: Error, socket?: unknown): Error;
  /**
   * Counts a connection that its server closed after the handshake, without a byte. Node's servers do so if they refuse
   * the certificate of the gateway; without one it is no failure of TLS.
   */
  closedEarly(endpoint: Endpoint): void;
}

/** Servers with certificates that are kept for operators. */
const MAX_SERVERS = 1_000;

const versionOf = (minVersion: TlsSettings['minVersion']) => `TLSv${minVersion}` as const;

const keyPairOf = ({ files, initial }: NonNullable<TlsSettings['keyPair']>, watching: WatchDependencies) =>
  files === null ? constantValue(initial) : watchKeyPair(files, initial, watching);

/** TLS of the connections to one upstream. Its certificates follow their files. */
export class UpstreamTls implements ClientTls {
  readonly #settings: TlsSettings;
  readonly #dependencies: Required<UpstreamTlsDependencies>;
  readonly #trusted: WatchedFiles<TrustedCertificates> | null;
  readonly #keyPair: WatchedFiles<KeyPair> | null;
  readonly #identity: ReturnType<typeof serverIdentity>;
  readonly #failures: HandshakeFailures;
  readonly #expiry: ExpiryWatch<UsedCertificate>;
  readonly #presented = new Map<string, X509Certificate>();
  readonly #listeners = new Set<() => void>();
  /** Created at the first connection: the list of trusted authorities can be long. */
  #own: SecureContext | null = null;
  #anonymous: SecureContext | null = null;

  constructor(settings: TlsSettings, dependencies: UpstreamTlsDependencies) {
    this.#settings = settings;
    this.#dependencies = { wallTime, ...dependencies };
    const { clock, report } = dependencies;
    this.#failures = new HandshakeFailures(dependencies);
    this.#expiry = new ExpiryWatch(() => this.certificates(), {
      ...this.#dependencies,
      report: (event) => report({ is: 'certificate', ...event }),
    });
    this.#identity = serverIdentity(settings.subjectAltNames);
    const watching = { ...this.#dependencies, clock, report: (event: CertificateEvent) => this.#filesChanged(event) };
    const { trusted, keyPair } = settings;
    this.#trusted = trusted && watchTrustedCertificates(trusted.files, trusted.initial, watching);
    this.#keyPair = keyPair && keyPairOf(keyPair, watching);
    this.#trusted?.onChange(() => this.#renew());
    this.#keyPair?.onChange(() => this.#renew());
    if (trusted !== null || keyPair !== null) this.#expiry.check();
  }

  optionsFor(endpoint: Endpoint): SecureOptions {
    this.#own ??= this.#contextWith(this.#keyPair?.current() ?? null);
    return this.#optionsWith(this.#own, this.#settings.serverName ?? hostNameOf(endpoint), this.#identity);
  }

  connected(endpoint: Endpoint, socket: unknown): void {
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    if (certificate === undefined) return;
    const address = addressOf(endpoint);
    const isNew = this.#presented.get(address)?.fingerprint256 !== certificate.fingerprint256;
    const [oldest] = this.#presented.keys();
    if (this.#presented.size >= MAX_SERVERS && oldest !== undefined) this.#presented.delete(oldest);
    this.#presented.set(address, certificate);
    if (isNew) this.#expiry.check();
  }

  failed(endpoint: Endpoint, error: Error, socket?: unknown): Error {
    const failure = handshakeFailure(error, {
      hasServerCertificate: socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined,
      hasClientCertificate: this.#keyPair !== null,
      minVersion: this.#settings.minVersion,
    });
    if (failure === null) return error;
    this.#failures.add(addressOf(endpoint), failure);
    return new HandshakeError(failure, error);
  }

  closedEarly(endpoint: Endpoint): void {
    if (this.#keyPair === null) return;
    this.failed(endpoint, Object.assign(new Error('closed'), { code: CLOSED_EARLY }));
  }

  /** TLS of connections to other servers, without the gateway's certificate and the names of this upstream. */
  get forOthers(): ClientTls {
    return {
      optionsFor: (endpoint) => {
        this.#anonymous ??= this.#contextWith(null);
        return this.#optionsWith(this.#anonymous, hostNameOf(endpoint), serverIdentity([]));
      },
      connected: () => {},
      closedEarly: () => {},
      failed: (endpoint, error, socket) => this.failed(endpoint, error, socket),
    };
  }

  /** Calls `run` after the certificates have changed: connections that exist should end. */
  onChange(run: () => void): void {
    this.#listeners.add(run);
  }

  /** Forgets the certificate of an endpoint that has left. */
  release(endpoint: Endpoint): void {
    this.#presented.delete(addressOf(endpoint));
  }

  /** Certificates in use, for operators. */
  certificates(): readonly UsedCertificate[] {
    const { trusted, keyPair } = this.#settings;
    return [
      ...(this.#keyPair?.current().certificates ?? []).map(
        (certificate): UsedCertificate => ({
          use: 'client',
          place: keyPair?.files?.certificate.path ?? '',
          certificate,
        }),
      ),
      ...(trusted === null ? [] : (this.#trusted?.current().certificates ?? [])).map(
        ({ path, certificate }): UsedCertificate => ({ use: 'ca', place: path, certificate }),
      ),
      ...Array.from(
        this.#presented,
        ([place, certificate]): UsedCertificate => ({ use: 'server', place, certificate }),
      ),
    ];
  }

  /** State for operators; null for an upstream without TLS. */
  snapshot(): TlsSnapshot | null {
    const certificates = this.certificates();
    const { last, counts } = this.#failures;
    if (certificates.length === 0 && last === null && this.#settings.subjectAltNames.length === 0) return null;
    const watched = [this.#keyPair, this.#trusted].filter((files) => files !== null);
    return tlsSnapshot({
      settings: this.#settings,
      certificates,
      counts,
      last,
      reloads: watched.reduce((sum, files) => sum + files.changes(), 0),
      fault: watched.map((files) => files.fault()).find((fault) => fault !== null) ?? null,
      now: this.#dependencies.wallTime(),
    });
  }

  close(): void {
    this.#expiry.close();
    this.#trusted?.close();
    this.#keyPair?.close();
    this.#listeners.clear();
  }

  #optionsWith(
    secureContext: SecureContext,
    name: string,
    checkServerIdentity: SecureOptions['checkServerIdentity'],
  ): SecureOptions {
    return {
      secureContext,
      checkServerIdentity,
      // Explicit: NODE_TLS_REJECT_UNAUTHORIZED=0 must not turn the check off.
      rejectUnauthorized: true,
      // RFC 6066, 3: an address is no server name.
      ...(isIP(name) === 0 && { servername: name }),
    };
  }

  #contextWith(keyPair: KeyPair | null): SecureContext {
    const ca = this.#trusted?.current().pems;
    return createSecureContext({
      minVersion: versionOf(this.#settings.minVersion),
      ...(ca !== undefined && { ca: [...ca] }),
      ...(keyPair !== null && { cert: keyPair.certificateChain, key: keyPair.key.reveal() }),
    });
  }

  #renew(): void {
    this.#own = null;
    this.#anonymous = null;
    this.#presented.clear();
    for (const listener of this.#listeners) listener();
    this.#expiry.check();
  }

  #filesChanged({ is, variable, file, ...rest }: CertificateEvent): void {
    const reason = 'reason' in rest ? rest.reason : 'the files have changed';
    this.#dependencies.report({
      is: 'certificate',
      to: is,
      use: 'file',
      place: file,
      reason: `${variable}: ${reason}`,
    });
  }
}

/** TLS with the authorities that Node trusts, and without a client certificate. */
export const defaultTls = (clock: Clock): UpstreamTls => new UpstreamTls(DEFAULT_TLS, { clock, report: () => {} });
