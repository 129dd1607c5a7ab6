import type { Blast } from './blast-radius.ts';
import type { Lost } from './outage.ts';
import { type Column, table } from './text-table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'down', most: 20 },
  { title: 'takes', most: 10 },
  { title: 'null', most: 99 },
];

const isItself = ({ path, from }: Lost): boolean => from.length === 1 && from[0] === path;

const causes = ([first = '', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;

/** One line a place. Fields of one object that fail independently share a line: `orders[].customer.{name, email}`. */
const places = (lost: readonly Lost[]): readonly string[] => {
  const lines = new Map<string, string[]>();
  for (const one of lost) {
    const dot = one.path.lastIndexOf('.') + 1;
    const [object, field] = [one.path.slice(0, dot), one.path.slice(dot)];
    if (!isItself(one)) lines.set(`${one.path} (from ${causes(one.from)})`, []);
    else if (object === '') lines.set(field, []);
    else lines.set(object, [...(lines.get(object) ?? []), field]);
  }
  return [...lines].map(([start, fields]) => start + (fields.length > 1 ? `{${fields.join(', ')}}` : fields.join()));
};

/** Formats the loss of an operation for each backend as a table. */
export const blastTable = (blasts: readonly Blast[]): string =>
  table(
    COLUMNS,
    blasts.map(({ backend, takes, lost }) => [backend, takes, places(lost).join('\n')]),
  );
