/**
 * Subject of the token in an Authorization header, or null. It is not verified: the gateway decides about access, and
 * the log shows what it forwards.
 */
export const servedTo = (authorization: string | undefined): string | null => {
  const [, claims = ''] = authorization?.split('.') ?? [];
  try {
    const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
};

/** Free-text fields, which can carry a mark. */
const TEXTS: ReadonlySet<string> = new Set(['name', 'warehouse']);

/** How records are marked with the subject they were served to. */
export type Stamp = 'off' | 'field' | 'text';

export const STAMPS: readonly Stamp[] = ['off', 'field', 'text'];

/** Settings of a running mock that can be changed. */
export interface Stamping {
  stamp: Stamp;
}

/** Suffix of a text in a marked record. */
export const markOf = (subject: string | null): string => ` <${subject ?? ''}>`;

const stampedRecord = (record: object, subject: string | null, stamp: Stamp): object => {
  const fields = Object.entries(record).map(([name, value]) => [
    name,
    stamp === 'text' && TEXTS.has(name) && typeof value === 'string'
      ? value + markOf(subject)
      : stamped(value, subject, stamp),
  ]);
  return { ...Object.fromEntries(fields), ...(stamp === 'field' && { servedTo: subject }) };
};

/**
 * Returns an answer with every record marked with its subject: `field` adds `servedTo` (a gRPC message has no place for
 * it), `text` appends the subject to names of people, products and warehouses.
 */
export const stamped = (body: unknown, subject: string | null, stamp: Stamp): unknown => {
  if (stamp === 'off' || typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => stamped(item, subject, stamp));
  return stampedRecord(body, subject, stamp);
};
