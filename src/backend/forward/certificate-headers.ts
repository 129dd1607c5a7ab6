import type { ClientCertificate, ClientName } from '../../request/client-certificate.ts';

/** Maximum length of `X-Forwarded-Client-Cert`: common servers accept 8 KiB for all headers of a request. */
const MAX_XFCC_LENGTH = 4_096;

/** Maximum length of the names of the gateway in it. Longer ones are left out. */
const MAX_BY_LENGTH = 1_024;

/** Envoy's rule: a value with a comma, a semicolon, an equals sign or a quote is quoted. */
const quotedValue = (value: string): string =>
  /[,;="]/.test(value) ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value;

const namePart = ({ kind, value }: ClientName): readonly string[] =>
  kind === 'URI' || kind === 'DNS' ? [`${kind}=${quotedValue(value)}`] : [];

/** Envoy's `x-forwarded-client-cert` with one element. Names beyond the maximum length are left out. */
const xfccOf = ({ fingerprint, subject, names, gatewayUris = [] }: ClientCertificate): string => {
  const by = gatewayUris.map((uri) => `By=${quotedValue(uri)};`).join('');
  let text = `${by.length < MAX_BY_LENGTH ? by : ''}Hash=${fingerprint};Subject="${subject.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  for (const part of names.flatMap(namePart)) if (text.length + part.length < MAX_XFCC_LENGTH) text += `;${part}`;
  return text;
};

const texts = new WeakMap<ClientCertificate, string>();

/** Made once for each certificate of a connection. */
const keptXfcc = (certificate: ClientCertificate): string => {
  const kept = texts.get(certificate) ?? xfccOf(certificate);
  texts.set(certificate, kept);
  return kept;
};

/** The headers about the client's certificate that `forward.certificate` may name. An empty value is not sent. */
export const CERTIFICATE_HEADERS = {
  'x-client-dn': (certificate) => certificate?.subject ?? '',
  'x-client-verify': (certificate) => (certificate === null ? 'NONE' : 'SUCCESS'),
  'x-forwarded-client-cert': (certificate) => (certificate === null ? '' : keptXfcc(certificate)),
} as const satisfies Readonly<Record<string, (certificate: ClientCertificate | null) => string>>;

export type CertificateHeader = keyof typeof CERTIFICATE_HEADERS;

export const CERTIFICATE_HEADER_NAMES = Object.keys(CERTIFICATE_HEADERS) as readonly CertificateHeader[];
