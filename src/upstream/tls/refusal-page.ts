import type { Endpoint } from '../endpoints/endpoint.ts';
import type { ClientTls } from './upstream-tls.ts';

/**
 * Pages of NGINX, which ends the handshake and then answers 400 if it requires another client certificate. By title, with
 * the alert of TLS of the same meaning.
 */
const PAGES = [
  ['<title>400 No required SSL certificate was sent</title>', 'NGINX_ALERT_CERTIFICATE_REQUIRED'],
  ['<title>400 The SSL certificate error</title>', 'NGINX_ALERT_BAD_CERTIFICATE'],
] as const;
/** The title is at the beginning. */
const MAX_BYTES = 1_000;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Returns the error of an answer by which a server refuses the client certificate, counted as a failed handshake; null
 * for any other answer.
 */
export const refusalPage = (endpoint: Endpoint, { status, headers, body }: Answer, tls: ClientTls): Error | null => {
  if (status !== 400 || endpoint.url.protocol !== 'https:') return null;
  if (headers['content-type']?.startsWith('text/html') !== true) return null;
  const text = body.toString('latin1', 0, MAX_BYTES);
  const page = PAGES.find(([title]) => text.includes(title));
  return page === undefined
    ? null
    : tls.failed(endpoint, Object.assign(new Error('refused by an answer'), { code: page[1] }));
};
