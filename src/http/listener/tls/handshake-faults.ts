/** Reasons of Node and OpenSSL for a client certificate that does not verify. */
const CERTIFICATE_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'expired client certificate',
  CERT_NOT_YET_VALID: 'client certificate that is not valid yet',
  UNABLE_TO_GET_ISSUER_CERT: 'client certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'client certificate of an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'client certificate of an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'client certificate of an unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'client certificate of an unknown authority',
  CERT_SIGNATURE_FAILURE: 'client certificate with a wrong signature',
  CERT_REVOKED: 'revoked client certificate',
  UNABLE_TO_GET_CRL: 'client certificate of an authority without a revocation list',
  CRL_HAS_EXPIRED: 'client certificate of an authority with an expired revocation list',
  CRL_NOT_YET_VALID: 'client certificate of an authority with a revocation list that is not valid yet',
  CRL_SIGNATURE_FAILURE: 'client certificate of an authority with a revocation list that it has not signed',
  INVALID_PURPOSE: 'client certificate that was not issued for clients',
};

/** Reason for which a client certificate is refused, by the code of Node. */
export const certificateFault = (code: string): string => CERTIFICATE_FAULTS[code] ?? 'invalid client certificate';

/** Reasons of OpenSSL for a failed handshake, and of Node for one that takes too long. */
const HANDSHAKE_FAULTS: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'TLS version that is not accepted',
  ERR_SSL_VERSION_TOO_LOW: 'TLS version that is not accepted',
  ERR_SSL_WRONG_VERSION_NUMBER: 'bytes that are not TLS',
  ERR_SSL_HTTP_REQUEST: 'plain HTTP on a port for TLS',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'plain HTTP on a port for TLS',
  ERR_SSL_NO_SHARED_CIPHER: 'no common cipher',
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'no common signature algorithm',
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 'no common group',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'no common application protocol',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'certificate that the client does not trust',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'certificate that the client does not trust',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: 'certificate that the client does not trust',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'certificate that the client does not trust',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'no complete TLS handshake in time',
};

/** Reason for which a handshake failed, by the code of its error; null if the client just left. */
export const handshakeFault = (code: unknown): string | null => {
  if (code === 'ECONNRESET' || code === 'EPIPE') return null;
  return (typeof code === 'string' ? HANDSHAKE_FAULTS[code] : undefined) ?? 'failed TLS handshake';
};
