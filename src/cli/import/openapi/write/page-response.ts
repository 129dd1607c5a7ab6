import { quoted } from '../../../codegen/layout.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ImportedPages } from '../imported-module.ts';
import type { Validators } from './validators.ts';

/** Reads a value at a path of properties: `found.meta?.next`. */
export const accessed = (of: string, path: readonly string[]): string =>
  path.reduce((text, name, at) => {
    const isName = /^[A-Za-z_$][\w$]*$/.test(name);
    const dot = at === 0 ? '' : '?.';
    return `${text}${isName ? `${dot || '.'}${name}` : `${dot}[${quoted(name)}]`}`;
  }, of);

/** Expression of the validator of a page of a list. */
export const pageResponse = (pages: ImportedPages, validators: Validators): string => {
  const rows = `z.array(${validators.row(pages.item)})`;
  if (pages.rows.length === 0) return rows;
  const members = new Map<string, string>();
  const nested = new Map<string, string[]>();
  const add = (path: readonly string[] | null, validator: string): void => {
    const [first = '', second] = path ?? [];
    if (path === null) return;
    if (second === undefined) members.set(first, `${propertyName(first)}: ${validator}.nullish()`);
    else nested.set(first, [...(nested.get(first) ?? []), `${propertyName(second)}: ${validator}.nullish()`]);
  };
  add(pages.rows, rows);
  add(pages.total, 'z.int()');
  add(pages.hasMore, 'z.boolean()');
  add(pages.next, 'z.string()');
  const objects = [...nested].map(
    ([name, list]) => `${propertyName(name)}: z.looseObject({ ${list.join(', ')} }).nullish()`,
  );
  return `z.looseObject({ ${[...members.values(), ...objects].join(', ')} })`;
};
