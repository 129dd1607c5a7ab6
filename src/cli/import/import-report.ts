import type { Definition, ImportedModule, ImportedType, RootField } from './imported-module.ts';
import type { WrittenModule } from './module-folder.ts';
import { jsonReason, sdlType } from './write/sdl-text.ts';

/** Numbers of fields, arguments included, and of those with the type JSON. */
export const fieldCounts = (
  { fields }: ImportedModule,
  definitions: readonly Definition[],
): { readonly all: number; readonly json: number } => {
  const types: ImportedType[] = [
    ...fields.flatMap(({ args, body, result, pages }) => [
      ...args.map(({ type }) => type),
      ...(body === null ? [] : [body.type]),
      ...(pages === null && result.type !== null ? [result.type] : []),
    ]),
    ...definitions.flatMap((definition) =>
      definition.kind === 'object' || definition.kind === 'input' ? definition.fields.map(({ type }) => type) : [],
    ),
  ];
  return { all: types.length, json: types.filter((type) => jsonReason(type) !== null).length };
};

const becomes = (field: RootField, { loaders }: ImportedModule): string => {
  const loader = loaders.find(
    (one) => one.field === field.name || (field.method === 'get' && one.path === field.path && one.kind === 'each'),
  );
  const result = field.pages?.connection ?? (field.result.type === null ? 'Boolean' : sdlType(field.result.type));
  const notes = [
    ...(loader === undefined
      ? []
      : [`loader ${loader.name} (${loader.kind === 'each' ? 'one call a key' : 'one call for many keys'})`]),
    ...(field.pages === null ? [] : [`pages by ${field.pages.style}`]),
  ];
  return [`${field.root}.${field.name}: ${result}`, ...notes].join(', ');
};

/** One line for each operation: what it becomes, or why it is not imported. */
export const operationList = (module: ImportedModule): string => {
  const rows = [
    ...module.fields.map((field): [string, string] => [
      `${field.method.toUpperCase()} ${field.path}`,
      becomes(field, module),
    ]),
    ...module.skipped.map(({ operation, reason }): [string, string] => [operation, `not imported: ${reason}`]),
  ];
  const width = Math.min(60, Math.max(...rows.map(([first]) => first.length)));
  return rows.map(([first, second]) => `${first.padEnd(width)}  ${second}`).join('\n');
};

const MAX_LINES = 200;

const limited = (lines: readonly string[]): string[] =>
  lines.length <= MAX_LINES ? [...lines] : [...lines.slice(0, MAX_LINES), `and ${lines.length - MAX_LINES} more`];

/** What an import did, and what to do next. */
export const importReport = (
  module: ImportedModule,
  { written, kept, changes, definitions, warnings }: WrittenModule,
  variable: string,
): string => {
  const { all, json } = fieldCounts(module, definitions);
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
    ...module.skipped.map(({ operation, reason }) => `not imported: ${operation}: ${reason}`),
    ...changed,
    `${module.fields.length} operations, ${definitions.length} types, ${all} fields and arguments${json === 0 ? '' : `, ${json} of them JSON; the SDL has the reason of each`}.`,
    ...(changes === null
      ? [`Set ${variable} to the addresses of the backend, then run its test: npx vitest run <folder>`]
      : []),
  ].join('\n');
};
