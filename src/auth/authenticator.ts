import type { ClientCertificate } from '../request/client-certificate.ts';
import type { Principal } from '../request/principal.ts';

/** The parts of a request that can identify its caller. */
export interface Caller {
  /** Returns all values of a header, by its name in lower case; undefined for none. */
  readonly valuesOf: (header: string) => readonly string[] | undefined;
  /** Verified certificate of the TLS peer; undefined without one. */
  readonly certificate: ClientCertificate | undefined;
  readonly method: string;
  /** The target of the request line: a path with its query, or an absolute URL. */
  readonly target: string;
  /** Scheme of the client's request, as far as trusted proxies report it. */
  readonly scheme: 'http' | 'https';
  /** Host of the client's request with its port, if it is one of this gateway's own hosts; null for others. */
  readonly host: string | null;
  /** Returns the network of the client: its IPv4 address, or the first 64 bits of its IPv6 address. */
  readonly network: () => string;
}

/** Result of the verification of a credential. */
export type Authentication =
  | {
      readonly is: 'authenticated';
      readonly principal: Principal;
      /** Token of a caller that sent another credential, for upstreams with `forward`; absent for none. */
      readonly accessToken?: string;
    }
  /** The credential is invalid. */
  | {
      readonly is: 'invalid';
      /** Public message. */
      readonly message: string;
      /** Value of `WWW-Authenticate`. */
      readonly challenge: string;
    }
  /** The credential cannot be verified now: a key or a service is not available. */
  | {
      readonly is: 'unverifiable';
      readonly retryAfterS: number;
      /** True if the failure concerns this credential only, as far as is known: it may be a guess. Default: false. */
      readonly isOfCredential?: boolean;
    };

/** A credential of a request, not verified yet. */
export interface Credential {
  /** The part of the request that holds the credential: the name of a header, or `certificate`. */
  readonly source: string;
  /**
   * Origin of the pages that may use a credential which a browser adds to every request by itself; absent for other
   * credentials. Requests of other pages must not use it.
   */
  readonly ambientOrigin?: string;
  /**
   * True for a credential that was accepted before and has not ended since, or that cannot be guessed. It is verified even
   * while its network may try no others. Does no I/O. Default: false.
   */
  isKnown?(): boolean;
  /** Verifies the credential. An abort of `signal` ends the wait, with `unverifiable`. */
  verify(signal: AbortSignal): Promise<Authentication>;
  /**
   * Verifies the credential of a request in flight again, without what is valid once only, such as a DPoP proof. Absent if
   * `verify` does it.
   */
  verifyAgain?(signal: AbortSignal): Promise<Authentication>;
}

/** The port for ways to authenticate a caller. An implementation handles one kind of credential. */
export interface Authenticator {
  /** Returns the caller's credential of this kind, valid or not; null for none. Does no I/O. */
  credentialOf(caller: Caller): Credential | null;
  /** Stops the work in the background. */
  close(): void;
}
