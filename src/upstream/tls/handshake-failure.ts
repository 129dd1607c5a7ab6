/**
 * Causes of failed TLS handshakes, as metrics have them. `wrong-name`: the certificate is for another host. `wrong-san`:
 * it has none of the `subjectAltNames` of the upstream. `not-tls`: the server does not speak TLS on this port. `alpn`: it
 * does not speak the required protocol, HTTP/2. `closed`: it closed the connection without a reason.
 * `timeout`: the connection was open, and the handshake did not end in time.
 */
export const HANDSHAKE_CAUSES = [
  'expired',
  'not-yet-valid',
  'wrong-name',
  'wrong-san',
  'unknown-ca',
  'self-signed',
  'protocol-version',
  'not-tls',
  'client-certificate-required',
  'client-certificate-refused',
  'alpn',
  'closed',
  'timeout',
  'other',
] as const;
export type HandshakeCause = (typeof HANDSHAKE_CAUSES)[number];

/** Code of an error of a server that accepted a connection and did not complete the handshake. */
export const HANDSHAKE_TIMEOUT = 'HANDSHAKE_TIMEOUT';

export interface HandshakeFailure {
  readonly cause: HandshakeCause;
  /** For operators: what is wrong, and the fix where there is one. Never with contents of calls. */
  readonly reason: string;
}

/** What was known when a handshake failed. */
export interface HandshakeState {
  /** True if the server's certificate had arrived: the server had accepted version and ciphers. */
  readonly hasServerCertificate: boolean;
  /** True if the gateway has a certificate for this upstream. */
  readonly hasClientCertificate: boolean;
  /** Oldest version of TLS that the gateway accepts. */
  readonly minVersion: string;
}

/** Code of an error with a certificate without the required alternative names. */
export const WRONG_SAN = 'WRONG_SUBJECT_ALT_NAME';
/** Code of an error of a server without HTTP/2. */
export const NO_HTTP2 = 'NO_HTTP2';
/** Code of an error of a server that closed the connection after the handshake, and sent nothing. */
export const CLOSED_EARLY = 'CLOSED_AFTER_HANDSHAKE';

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

const MAX_REASON_LENGTH = 400;

/** Node's explanation of a wrong name, which has the names of the certificate. */
const detailOf = (error: unknown): string =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'string'
    ? error.reason.replaceAll(/[^\x20-\x7e]/g, '?')
    : 'another name';

/** Failures by code: Node's for the server's certificate, and those above. */
const BY_CODE: Readonly<Record<string, (error: unknown) => HandshakeFailure>> = {
  CERT_HAS_EXPIRED: () => ({
    cause: 'expired',
    reason: 'the certificate of the server, or of its authority, has expired',
  }),
  CERT_NOT_YET_VALID: () => ({
    cause: 'not-yet-valid',
    reason: 'the certificate of the server, or of its authority, is not valid yet',
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: (error) => ({
    cause: 'wrong-name',
    reason: `the certificate of the server is for another name: ${detailOf(error)}`,
  }),
  [WRONG_SAN]: (error) => ({ cause: 'wrong-san', reason: error instanceof Error ? error.message : '' }),
  [CLOSED_EARLY]: () => ({
    cause: 'closed',
    reason: 'the server closed the connection after the handshake: it may refuse the certificate of the gateway',
  }),
  [HANDSHAKE_TIMEOUT]: () => ({ cause: 'timeout', reason: 'the server did not complete the handshake in time' }),
  [NO_HTTP2]: () => ({ cause: 'alpn', reason: 'the server does not speak HTTP/2 (ALPN)' }),
  DEPTH_ZERO_SELF_SIGNED_CERT: () => ({
    cause: 'self-signed',
    reason: 'the certificate of the server is self-signed, and not in the file of trusted authorities',
  }),
  SELF_SIGNED_CERT_IN_CHAIN: () => ({
    cause: 'unknown-ca',
    reason: 'the certificate of the server is from an authority that is not trusted',
  }),
};

const UNKNOWN_CA = /^(UNABLE_TO_(GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|CERT_UNTRUSTED)$/;
const NOT_TLS = /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE$/;
const WRONG_PROTOCOL = /ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$|VERSION_TOO_LOW$/;
/** Alerts about the certificate of the client (RFC 8446, 6.2). */
const CLIENT_REFUSED =
  /ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)$/;
const CLIENT_REQUIRED = /ALERT_CERTIFICATE_REQUIRED$/;

/** True for an alert by which a server refuses the client's certificate, or requires one. */
export const isClientCertificateAlert = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== null && (CLIENT_REFUSED.test(code) || CLIENT_REQUIRED.test(code));
};

const wordsOf = (code: string): string =>
  code
    .replace(/^.*ALERT_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();

const ofClient = (code: string, { hasClientCertificate }: HandshakeState): HandshakeFailure =>
  hasClientCertificate
    ? {
        cause: 'client-certificate-refused',
        reason: `the server refuses the certificate of the gateway (alert: ${wordsOf(code)})`,
      }
    : {
        cause: 'client-certificate-required',
        reason: 'the server requires a certificate of the gateway: set the files of certificate and key',
      };

const ofAlert = (code: string, state: HandshakeState): HandshakeFailure | null => {
  if (CLIENT_REQUIRED.test(code) || CLIENT_REFUSED.test(code)) return ofClient(code, state);
  // With TLS 1.2 the same alert has two meanings, which the progress of the handshake tells apart.
  if (code.endsWith('ALERT_HANDSHAKE_FAILURE'))
    return state.hasServerCertificate
      ? ofClient(code, state)
      : { cause: 'other', reason: 'the server accepts none of the ciphers of the gateway (alert: handshake failure)' };
  if (code.endsWith('ALERT_NO_APPLICATION_PROTOCOL'))
    return { cause: 'alpn', reason: 'the server does not speak the protocol of this upstream (ALPN)' };
  if (code.endsWith('ALERT_UNRECOGNIZED_NAME'))
    return { cause: 'wrong-name', reason: 'the server does not know the server name that was sent (SNI)' };
  return null;
};

/** Node's error for a connection that ends during the handshake. */
const isCutOff = (error: unknown): boolean =>
  error instanceof Error && codeOf(error) === 'ECONNRESET' && error.message.includes('before secure TLS connection');

const classified = (error: unknown, code: string, state: HandshakeState): HandshakeFailure | null => {
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code]?.(error) : undefined;
  if (known !== undefined) return known;
  if (UNKNOWN_CA.test(code))
    return {
      cause: 'unknown-ca',
      reason:
        'the certificate of the server is from an authority that is not trusted, or the server does not send its intermediate certificates',
    };
  if (WRONG_PROTOCOL.test(code))
    return { cause: 'protocol-version', reason: `the server does not accept TLS ${state.minVersion} or newer` };
  if (NOT_TLS.test(code)) return { cause: 'not-tls', reason: 'the server does not speak TLS on this port' };
  const alert = ofAlert(code, state);
  if (alert !== null) return alert;
  if (isCutOff(error)) return { cause: 'closed', reason: 'the server closed the connection during the handshake' };
  return /CERT|^ERR_(TLS|SSL|OSSL)|^EPROTO$|^INVALID_|^PATH_LENGTH|^CRL_/.test(code)
    ? { cause: 'other', reason: `the TLS handshake failed (${code})` }
    : null;
};

/** Returns the cause of a failed TLS handshake; null for an error of the connection below it. */
export const handshakeFailure = (error: unknown, state: HandshakeState): HandshakeFailure | null => {
  const code = codeOf(error);
  const failure = code === null ? null : classified(error, code, state);
  return failure && { ...failure, reason: failure.reason.slice(0, MAX_REASON_LENGTH) };
};

/** A failed TLS handshake. No request was processed. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly failure: HandshakeFailure;
  readonly code: string;

  constructor(failure: HandshakeFailure, cause: unknown) {
    super(failure.reason, { cause });
    this.failure = failure;
    this.code = codeOf(cause) ?? 'TLS';
  }
}
