import { z } from 'zod';

const FILE_SCHEME = 'file:';

/** The absolute path in `file:/…`; null for another text. @throws Error for a relative path */
export const filePath = (text: string, example: string): string | null => {
  if (!text.startsWith(FILE_SCHEME)) return null;
  const path = text.slice(FILE_SCHEME.length);
  if (!path.startsWith('/')) throw new Error(`must be the absolute path of a file, as in ${example}`);
  return path;
};

/** A text that `read` returns a value for, or fails. */
const placeBy = <Place>(read: (text: string) => Place) =>
  z.string().transform((text, context): Place => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue(error instanceof Error ? error.message : 'is invalid');
      return z.NEVER;
    }
  });

/** Destination of the audit log. */
export type AuditDestination = { readonly to: 'off' | 'stdout' } | { readonly to: 'file'; readonly path: string };

const AUDIT_FILE = 'file:/var/log/tributary/audit.log';

const parseAuditDestination = (text: string): AuditDestination => {
  if (text === 'off' || text === 'stdout') return { to: text };
  const path = filePath(text, AUDIT_FILE);
  if (path === null) throw new Error(`must be stdout, off, or a file such as ${AUDIT_FILE}`);
  return { to: 'file', path };
};

export const auditDestination = placeBy(parseAuditDestination).default({ to: 'stdout' });

/** Store of the API keys. */
export type KeyStorePlace = { readonly in: 'redis' } | { readonly in: 'file'; readonly path: string };

const KEY_FILE = 'file:/etc/tributary/keys.json';

/** Reads the store of API keys. @throws Error with the fault */
export const parseKeyStorePlace = (text: string): KeyStorePlace => {
  if (text === 'redis') return { in: 'redis' };
  const path = filePath(text, KEY_FILE);
  if (path === null) throw new Error(`must be redis, or a file such as ${KEY_FILE}`);
  return { in: 'file', path };
};

export const keyStorePlace = placeBy((text): KeyStorePlace | null => parseKeyStorePlace(text)).default(null);
