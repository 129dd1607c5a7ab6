import { isUtf8 } from 'node:buffer';

const UTF_8 = 'utf-8';

/** Names of charsets that are UTF-8 or a subset of it. */
const AS_UTF_8: ReadonlySet<string> = new Set([UTF_8, 'utf8', 'us-ascii', 'ascii']);

/**
 * Returns the charset that a `content-type` declares, in lower case. Default: UTF-8 (RFC 8259, 8.1). Servers also write
 * single quotes, and two `content-type` lines, which arrive joined by a comma.
 */
const declaredCharset = (contentType = ''): string =>
  /;\s*charset\s*=\s*["']?([^\s;,"']+)/i.exec(contentType)?.[1]?.toLowerCase() ?? UTF_8;

/**
 * Returns the charset of a byte order mark. It is more reliable than a header
 * (https://encoding.spec.whatwg.org/#decode).
 */
const markedCharset = (body: Buffer): string | null => {
  const first = body[0];
  // No JSON text begins with one of these bytes.
  if (first !== 0xef && first !== 0xfe && first !== 0xff) return null;
  if (body.length > 2 && first === 0xef && body[1] === 0xbb && body[2] === 0xbf) return UTF_8;
  if (first === 0xfe && body[1] === 0xff) return 'utf-16be';
  return first === 0xff && body[1] === 0xfe ? 'utf-16le' : null;
};

/** A body that is not text in the charset that it declares. The message names the charset. */
export class UnreadableTextError extends Error {
  override readonly name = 'UnreadableTextError';
}

const decoded = (body: Buffer, charset: string): string => {
  try {
    // Drops the byte order mark.
    return new TextDecoder(charset, { fatal: true }).decode(body);
  } catch (cause) {
    const reason = cause instanceof RangeError ? 'which is unknown' : 'but its bytes are invalid in it';
    throw new UnreadableTextError(`declares the charset ${charset.slice(0, 40)}, ${reason}`, { cause });
  }
};

/**
 * Decodes a body to text without a byte order mark. The charset is that of the mark, else of `contentType`, else UTF-8.
 *
 * @throws UnreadableTextError for an unknown charset, and for bytes that are invalid in the charset.
 */
export const textOf = (body: Buffer, contentType: string | undefined): string => {
  const marked = markedCharset(body);
  const charset = marked ?? declaredCharset(contentType);
  if (!AS_UTF_8.has(charset)) return decoded(body, charset);
  if (!isUtf8(body)) throw new UnreadableTextError('is not valid UTF-8');
  return body.toString('utf8', marked === null ? 0 : 3);
};
