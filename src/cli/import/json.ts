/** An object of a parsed contract. */
export type Json = Readonly<Record<string, unknown>>;

export const isJsonRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one for any other value. */
export const jsonIn = (value: unknown): Json => (isJsonRecord(value) ? value : {});

/** The list, or an empty one for any other value. */
export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The text, or null for any other value and for blank text. */
export const textIn = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null;

export const numberIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Appends a name to a JSON pointer (RFC 6901). */
export const pointerTo = (pointer: string, name: string | number): string =>
  `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The value at a pointer such as `#/components/schemas/Pet`; undefined if there is none. */
export const valueAt = (document: unknown, pointer: string): unknown => {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    value = Array.isArray(value)
      ? (value as readonly unknown[])[Number(name)]
      : Object.entries(jsonIn(value)).find(([key]) => key === name)?.[1];
  }
  return value;
};
