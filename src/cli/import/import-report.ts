import { isAbsolute } from 'node:path';
import type { FieldCounts, ImportedFolder } from './imported-folder.ts';
import type { WrittenModule } from './module-folder.ts';
import type { TakenNames } from './names/taken-names.ts';

/** One line for each operation: what it becomes, or why it is not imported. */
export const operationList = ({ operations, skipped }: ImportedFolder): string => {
  const rows = [
    ...operations.map(({ operation, becomes }) => [operation, becomes] as const),
    ...skipped.map(({ operation, reason }) => [operation, `not imported: ${reason}`] as const),
  ];
  const width = Math.min(60, Math.max(...rows.map(([first]) => first.length)));
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`).join('\n');
};

const MAX_LINES = 200;

const limited = (lines: readonly string[]): string[] =>
  lines.length <= MAX_LINES ? [...lines] : [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more`];

/** Numbers of fields with the type JSON: by contract, if it allows any value, and others. */
const jsonText = ({ json, byContract }: FieldCounts): string => {
  const parts = [
    ...(byContract === 0 ? [] : [`${byContract} of them JSON by contract`]),
    ...(json === byContract
      ? []
      : [`${json - byContract} ${byContract === 0 ? 'of them ' : ''}JSON for want of a type`]),
  ];
  return parts.length === 0 ? '' : `, ${parts.join(', ')}; the SDL has the reason of each`;
};

/** The command that runs the test of a module. A module of another repository has its tests there. */
const testCommand = (folder: string): string =>
  isAbsolute(folder) ? 'npx vitest run, in the repository of the module' : `npx vitest run ${folder}`;

const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** What an import did to a folder, and what to do next. `folder` is its path as it is displayed. */
export const importReport = (
  folder: string,
  { operations, skipped, avoided, counts, variables, secrets = [] }: ImportedFolder,
  { written, kept, changes, warnings }: WrittenModule,
  { types: taken }: TakenNames,
): string => {
  const { types, all } = counts;
  const changed =
    changes === null
      ? []
      : changes.length === 0
        ? ['The graph has not changed.']
        : ['Changes of the graph:', ...limited(changes).map((line) => `  ${line}`)];
  return [
    ...written.map((file) => `wrote ${file}`),
    ...kept.map((file) => `kept ${file}: it has lines of your own`),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...[...avoided]
      .filter(([, name]) => taken.has(name))
      .map(
        ([of, name]) =>
          `${name} is named ${of}, because another module has ${name}: --rename ${of}=${name} joins the two by their key`,
      ),
    ...skipped.map(({ operation, reason }) => `not imported: ${operation}: ${reason}`),
    ...changed,
    `${counted(operations.length, 'operation')}, ${counted(types, 'type')}, ${all} fields and arguments${jsonText(counts)}.`,
    ...(changes === null
      ? [
          ...(secrets.length === 0 ? [] : [`Set ${secrets.join(', ')} to the secrets of the request.`]),
          `Set ${variables.join(', ')} to the addresses of the backend, then run its test: ${testCommand(folder)}`,
        ]
      : []),
  ].join('\n');
};
