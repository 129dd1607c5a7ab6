import { type Column, table } from '../explain/text-table.ts';
import type { AccessChange } from './access-changes.ts';
import type { AccessRow } from './access-report.ts';
import { type Access, accessText, EVERYONE, isWithin } from './alternatives.ts';

const COLUMNS: readonly Column[] = [
  { title: 'field', most: 38 },
  { title: 'who', most: 32 },
  { title: 'reached by', most: 60 },
];

const CHANGES: readonly Column[] = [
  { title: 'access', most: 10 },
  { title: 'field', most: 40 },
  { title: 'before', most: 40 },
  { title: 'after', most: 60 },
];

/** A route is on its own. */
const typeOf = ({ at, kind }: AccessRow): string => (kind === 'route' ? at : at.slice(0, at.indexOf('.')));

const whoText = ({ access, bypassed }: AccessRow): string =>
  bypassed === null ? accessText(access) : `${accessText(access)}, also without ${bypassed}`;

/** `Query.orders > items`: the type of the first field only. */
const pathText = ({ path }: AccessRow): string =>
  path
    .slice(0, -1)
    .map((at, index) => (index === 0 ? at : at.slice(at.indexOf('.') + 1)))
    .join(' > ');

const isShown = ({ kind, access }: AccessRow): boolean =>
  kind === 'field' || kind === 'route' || !isWithin(EVERYONE, access);

/** An argument without a requirement of its own has the access of its field. */
const isOwn = (row: AccessRow, rows: readonly AccessRow[]): boolean => {
  if (row.kind !== 'argument') return true;
  const field = rows.find(({ at }) => at === row.path.at(-1));
  return field === undefined || !isWithin(field.access, row.access);
};

/** Fields of one type with the same access and the same path share a row: `Product.{id, name}`. */
export const accessTable = (rows: readonly AccessRow[]): string => {
  const groups = Map.groupBy(
    rows.filter((row) => isShown(row) && isOwn(row, rows)),
    (row) => [typeOf(row), row.kind, whoText(row), row.path.slice(0, -1).join(' ')].join('\n'),
  );
  return table(
    COLUMNS,
    [...groups.values()].flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const names = same.map(({ at }) => at.slice(at.indexOf('.') + 1));
      const field = names.length === 1 ? first.at : `${typeOf(first)}.{${names.join(', ')}}`;
      return [[field, whoText(first), pathText(first)]];
    }),
  );
};

const textOf = (access: Access | null): string => (access === null ? '' : accessText(access));

/** Changes of access as a table; widened access comes first. */
export const changesTable = (changes: readonly AccessChange[]): string => {
  const order = ['widened', 'narrowed', 'added', 'removed'];
  return table(
    CHANGES,
    changes
      .toSorted((a, b) => order.indexOf(a.is) - order.indexOf(b.is))
      .map(({ is, at, before, after }) => [is, at, textOf(before), textOf(after)]),
  );
};
