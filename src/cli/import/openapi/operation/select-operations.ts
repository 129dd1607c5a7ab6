import { nearestSuggestion } from '../../../../core/suggest.ts';
import { UsageError } from '../../../command/exit-code.ts';
import { type ApiOperation, labelOf } from './operations.ts';

/** Operations that are imported without a selection. */
const MAX_OPERATIONS = 60;

const escaped = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');

/** `*` is any text. */
const matcher = (pattern: string, ignoresCase: boolean): RegExp =>
  new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`, ignoresCase ? 'i' : '');

const isPath = (pattern: string): boolean => /^([A-Za-z*]+\s+)?\//.test(pattern);

/** `GET /pets/*`, `/pets/{id}`, a tag, or an operation id. */
const matches = (pattern: string, operation: ApiOperation): boolean => {
  if (isPath(pattern)) {
    const [path = '', method = '*'] = pattern.trim().split(/\s+/).toReversed();
    return matcher(path, false).test(operation.path) && matcher(method, true).test(operation.method);
  }
  const names = matcher(pattern, false);
  return (operation.id !== null && names.test(operation.id)) || operation.tags.some((tag) => names.test(tag));
};

const tagsOf = (operations: readonly ApiOperation[]): [string, number][] => {
  const counts = new Map<string, number>();
  for (const { tags } of operations)
    for (const tag of tags.length > 0 ? tags : ['(no tag)']) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one);
};

const MAX_TAGS = 40;

const tooMany = (operations: readonly ApiOperation[]): UsageError => {
  const tags = tagsOf(operations);
  const lines = tags.slice(0, MAX_TAGS).map(([tag, count]) => `  ${String(count).padStart(5)}  ${tag}`);
  const more = tags.length > MAX_TAGS ? [`         and ${tags.length - MAX_TAGS} more`] : [];
  const [example] = tags.find(([tag, count]) => count <= MAX_OPERATIONS && tag !== '(no tag)') ?? [];
  const proposal = example ?? `GET ${operations[0]?.path.split('/').slice(0, 3).join('/')}*`;
  return new UsageError(
    [
      `The contract has ${operations.length} operations: select those that the graph needs.`,
      ...(tags.length > 0 ? ['Operations by tag:', ...lines, ...more] : []),
      `For example: --select '${proposal}'. --list shows what each operation becomes, --all imports all of them.`,
    ].join('\n'),
  );
};

const unknownPattern = (option: string, pattern: string, operations: readonly ApiOperation[]): string => {
  const known = isPath(pattern)
    ? operations.flatMap(({ path }) => path)
    : operations.flatMap(({ id, tags }) => [...(id === null ? [] : [id]), ...tags]);
  const nearest = nearestSuggestion(pattern, [...new Set(known)]);
  return `${option} '${pattern}' matches no operation.${nearest === null ? ' Use a path, a tag or an operation id; * is any text.' : ` Did you mean '${nearest}'?`}`;
};

/**
 * Selects operations by paths (`GET /pets/*`), tags and operation ids.
 *
 * @throws UsageError for a pattern without a match, and for more than 60 operations without a pattern or `all`
 */
export const selectOperations = (
  operations: readonly ApiOperation[],
  patterns: readonly string[],
  all: boolean,
  option = '--select',
): readonly ApiOperation[] => {
  if (patterns.length === 0) {
    if (operations.length > MAX_OPERATIONS && !all) throw tooMany(operations);
    return operations;
  }
  const unknown = patterns.filter((pattern) => !operations.some((operation) => matches(pattern, operation)));
  if (unknown.length > 0)
    throw new UsageError(unknown.map((pattern) => unknownPattern(option, pattern, operations)).join('\n'));
  return operations.filter((operation) => patterns.some((pattern) => matches(pattern, operation)));
};

/** One line for an operation in messages. */
export const operationLine = (operation: ApiOperation): string => [labelOf(operation), operation.id ?? ''].join('  ');
