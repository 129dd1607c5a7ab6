import { type KeyRecord, keyState, keyValidity } from '../../auth/api-keys/key-record.ts';

/** A key as the list shows it: without its hash, with its state. */
const shown = (record: KeyRecord, now: number) => {
  const { hash: _, ...facts } = record;
  return { ...facts, state: keyState(keyValidity(record), now) };
};

/** The list of keys as JSON. */
export const keyListJson = (records: readonly KeyRecord[], now: number): string =>
  JSON.stringify(
    records.map((record) => shown(record, now)),
    null,
    2,
  );

const HEADER = ['ID', 'STATE', 'OWNER', 'NAME', 'SCOPES', 'ROLES', 'PLAN', 'CREATED', 'EXPIRES'];

const row = (record: KeyRecord, now: number): readonly string[] => {
  const { id, owner, name = '-', scopes, roles, plan = '-', createdAt, expiresAt = 'never' } = record;
  const words = (list: readonly string[]) => list.join(' ') || '-';
  const state = keyState(keyValidity(record), now);
  return [id, state, owner, name, words(scopes), words(roles), plan, createdAt, expiresAt];
};

/** The list of keys as a table. */
export const keyListTable = (records: readonly KeyRecord[], now: number): string => {
  if (records.length === 0) return 'No API keys.';
  const rows = [HEADER, ...records.map((record) => row(record, now))];
  const widths = HEADER.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
