import { crc32 } from 'node:zlib';

/** How a value is written as text under its key, and read again. */
export interface ValueForm {
  readonly written: (key: string, value: string) => string;
  /** Undefined for text that `written` did not make for this key. */
  readonly read: (key: string, text: string) => string | undefined;
}

/** The value itself, for a place that only this process writes to. */
export const PLAIN: ValueForm = { written: (_key, value) => value, read: (_key, text) => text };

/** Format of sealed values. A release that reads them otherwise changes it, so that older values are misses. */
const VERSION = 'tr1';

/** Text in front of a value: the format, and a checksum of key and value. */
const sealOf = (key: string, value: string): string => `${VERSION} ${crc32(value, crc32(key)).toString(36)} `;

/**
 * Values with a version and a checksum that covers their key. A value that was changed, written by something else or stored under
 * another key cannot be read. The checksum finds accidents; it is no signature.
 */
export const SEALED: ValueForm = {
  written: (key, value) => sealOf(key, value) + value,
  read: (key, text) => {
    if (!text.startsWith(VERSION)) return undefined;
    const start = text.indexOf(' ', VERSION.length + 1) + 1;
    const value = text.slice(start);
    return start > 0 && text.startsWith(sealOf(key, value)) ? value : undefined;
  },
};
