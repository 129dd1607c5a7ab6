import { parseKeepingDigits } from '../core/exact-json.ts';

/**
 * Parses the body of a request as a server does, by its `content-type`: JSON, the URLSearchParams of a form, the
 * FormData of a multipart body, the text of a `text/` type, else the bytes. Undefined for an empty body.
 */
export const receivedBody = (contentType: string | undefined, bytes: Uint8Array): unknown => {
  if (bytes.length === 0) return undefined;
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = () => new TextDecoder().decode(bytes);
  if (/[/+]json$/.test(type)) return parseKeepingDigits(text());
  if (type === 'application/x-www-form-urlencoded') return new URLSearchParams(text());
  if (type === 'multipart/form-data')
    return new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType ?? '' } }).formData();
  return type.startsWith('text/') ? text() : bytes;
};
