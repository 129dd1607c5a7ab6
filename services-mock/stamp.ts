/**
 * The subject of the token in an Authorization header, or null. Nothing is verified: who may ask is the gateway's to decide,
 * and what it hands on is seen here as it came.
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

/** Fields that hold free text, and can carry a mark to wherever they are shown. */
const TEXTS: ReadonlySet<string> = new Set(['name', 'warehouse']);

/** How records are marked with who they were served to. */
export type Stamp = 'off' | 'field' | 'text';

export const STAMPS: readonly Stamp[] = ['off', 'field', 'text'];

/** What a running mock does, and can be told to do otherwise. */
export interface Stamping {
  stamp: Stamp;
}

/** What a text of a stamped record ends with. */
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
 * An answer with every record in it, however deep, marked with the subject that it is for: `field` adds `servedTo` (a message
 * of gRPC has no place for it), `text` appends the subject to names of people, products and warehouses.
 */
export const stamped = (body: unknown, subject: string | null, stamp: Stamp): unknown => {
  if (stamp === 'off' || typeof body !== 'object' || body === null) return body;
  if (Array.isArray(body)) return body.map((item) => stamped(item, subject, stamp));
  return stampedRecord(body, subject, stamp);
};
