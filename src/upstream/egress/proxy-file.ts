import { closeSync, openSync, readSync } from 'node:fs';
import { type ProxyEntry, parseProxyList } from '../../config/egress/proxy-list.ts';
import type { Clock, Timer } from '../../core/clock.ts';

/** Time between two readings of the file. */
const POLL_MS = 5_000;
const MAX_BYTES = 1_048_576;

/** A change of the file, for operators. Contains nothing of the file. */
export type ProxyFileEvent =
  | { readonly is: 'reloaded'; readonly path: string; readonly proxies: number }
  /** The last valid list stays in use. Reported once, until the file is valid again. */
  | { readonly is: 'invalid'; readonly path: string; readonly reason: string };

const textOf = (path: string): string => {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    const size = readSync(descriptor, bytes, 0, bytes.length, 0);
    if (size > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes`);
    return bytes.toString('utf8', 0, size);
  } finally {
    closeSync(descriptor);
  }
};

/** Reason of a failed reading, without the path and without content. */
export const proxyFileFault = (error: unknown): string => {
  if (!(error instanceof Error)) return 'cannot be read';
  return 'code' in error && typeof error.code === 'string' ? `cannot be read (${error.code})` : error.message;
};

/** Reads the proxies of a file. @throws Error, of which `proxyFileFault` returns the reason */
export const readProxyFile = (path: string): readonly ProxyEntry[] => parseProxyList(textOf(path));

/**
 * Reads the file every five seconds, and calls `changed` with the list after each change. A file that cannot be read or
 * parsed, such as a half-written one, changes nothing. Returns the end of these readings.
 */
export const followProxyFile = (
  path: string,
  clock: Clock,
  changed: (proxies: readonly ProxyEntry[]) => void,
  report: (event: ProxyFileEvent) => void,
): (() => void) => {
  let timer: Timer | null = null;
  let last: string | null = null;
  let isInvalid = false;
  const look = (): void => {
    try {
      // Synchronous: the file is local and small.
      const text = textOf(path);
      if (text !== last || isInvalid) {
        const proxies = parseProxyList(text);
        changed(proxies);
        if (last !== null) report({ is: 'reloaded', path, proxies: proxies.length });
        last = text;
        isInvalid = false;
      }
    } catch (error) {
      if (!isInvalid) report({ is: 'invalid', path, reason: proxyFileFault(error) });
      isInvalid = true;
    }
    timer = clock.after(POLL_MS, look);
  };
  look();
  return () => timer?.cancel();
};
