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
/** NGINX's pages have 200 to 300 bytes, and their length. */
const MAX_BYTES = 1_000;

interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** True for an answer that may be one of these pages, by its status and headers. */
export const mayBeRefusalPage = (endpoint: Endpoint, { status, headers }: AnswerHead): boolean =>
  status === 400 &&
  endpoint.url.protocol === 'https:' &&
  headers['content-type']?.startsWith('text/html') === true &&
  Number(headers['content-length']) <= MAX_BYTES;

/**
 * Returns the error of an answer with this body if it is one of these pages, counted as a failed handshake; null for any
 * other body.
 */
export const refusalPage = (endpoint: Endpoint, body: Buffer, tls: ClientTls): Error | null => {
  const text = body.toString('latin1');
  const page = PAGES.find(([title]) => text.includes(title));
  return page === undefined
    ? null
    : tls.failed(endpoint, Object.assign(new Error('refused by an answer'), { code: page[1] }));
};
