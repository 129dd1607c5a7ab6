import { crc32 } from 'node:zlib';

/** Encoding of values as text under their keys. */
export interface ValueForm {
  readonly written: (key: string, value: string) => string;
  /** Undefined for text that `written` did not make for this key. */
  readonly read: (key: string, text: string) => string | undefined;
}

/** The unchanged value, for a store that only this process writes to. */
export const PLAIN: ValueForm = { written: (_key, value) => value, read: (_key, text) => text };

/** Version of the format. Change it with the format, so that older values are misses. */
const VERSION = 'tr1';

/** Returns the prefix of a value: the version, and a checksum of key and value. */
const sealOf = (key: string, value: string): string => `${VERSION} ${crc32(value, crc32(key)).toString(36)} `;

/**
 * Values with a version and a checksum that covers their key. A value that was changed, written by another program or
 * stored under another key is not read. The checksum detects accidents; it is not a signature.
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
