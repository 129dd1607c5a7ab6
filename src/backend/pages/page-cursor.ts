import { badInput } from '../define/fail.ts';

/** A longer cursor cannot be one of ours: the tokens of backends are shorter than this. */
const MAX_LENGTH = 8_192;

/** Position in a list: the style of its pages, and the values of the style. */
export type Position = readonly [style: string, ...values: readonly (string | number)[]];

/** Encodes a position as an opaque cursor. */
export const cursorOf = (position: Position): string => Buffer.from(JSON.stringify(position)).toString('base64url');

const parsed = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
};

/**
 * Decodes a cursor; null for none. A cursor is not signed: its values are those of a client.
 *
 * @throws BAD_USER_INPUT for a text that is not a cursor of this style, or has values that `isValid` rejects
 */
export const positionOf = <Values extends readonly (string | number)[]>(
  cursor: string | null | undefined,
  {
    argument,
    style,
    isValid,
  }: {
    readonly argument: 'after' | 'before';
    readonly style: string;
    readonly isValid: (values: readonly unknown[]) => values is Values;
  },
): Values | null => {
  if (cursor === null || cursor === undefined) return null;
  const position = cursor.length > MAX_LENGTH ? undefined : parsed(cursor);
  if (!Array.isArray(position) || position[0] !== style) throw notACursor(argument);
  const values: readonly unknown[] = position.slice(1);
  if (!isValid(values)) throw notACursor(argument);
  return values;
};

const notACursor = (argument: string): Error =>
  badInput(`${argument} is not a cursor of this list: use a cursor from one of its pages.`);
