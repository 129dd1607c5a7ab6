import { fieldName, singularOf, typeName, wordsOfName } from '../../names/names.ts';
import type { ApiOperation } from './operations.ts';

const READS = /^(get|list|find|fetch|retrieve|show|read|describe|search)$/i;

const isParameter = (segment: string): boolean => segment.includes('{');

/** Words of a path: those before a parameter are singular, as in `users/{id}/repos`: `user`, `repos`. */
const pathWords = (path: string): string[] => {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '' && !/^(api|v?\d+(\.\d+)*|\d{4}-\d\d-\d\d)$/i.test(segment));
  return segments.flatMap((segment, at) => {
    if (isParameter(segment)) return [];
    const words = wordsOfName(segment);
    const next = segments[at + 1];
    return next !== undefined && isParameter(next) ? words.with(-1, singularOf(words.at(-1) ?? '')) : words;
  });
};

const VERBS = { get: '', post: 'create', put: 'replace', patch: 'update', delete: 'delete' } as const;

const byPath = ({ method, path }: ApiOperation): string => {
  const words = pathWords(path);
  const verb = VERBS[method];
  if (verb === '') return fieldName(words.join(' ')) || 'root';
  const last = words.at(-1) ?? 'root';
  return fieldName([verb, ...words.slice(0, -1), method === 'post' ? singularOf(last) : last].join(' '));
};

/** Name of an operation: its id, or a name made of its path. */
export const operationName = (operation: ApiOperation): string => fieldName(operation.id ?? byPath(operation));

/** Candidates for the name of a root field, best first. */
export const rootFieldNames = (operation: ApiOperation, module: string): [string, ...string[]] => {
  const full = operationName(operation);
  const prefixed = fieldName(`${module} ${full}`);
  if (operation.method !== 'get' || operation.id === null)
    return [full, fieldName(`${full} ${operation.method}`), prefixed];
  const [verb = '', ...others] = wordsOfName(operation.id);
  const noun = READS.test(verb) && others.length > 0 ? fieldName(others.join(' ')) : full;
  // `petById(petId)` is `pet(petId)`.
  const short = noun.replace(/By[A-Z]\w*$/, '');
  return [isParameter(operation.path.split('/').at(-1) ?? '') ? short : noun, noun, full, prefixed];
};

/** Hint for the names of types that belong to an operation. */
export const typeHint = (operation: ApiOperation): string => typeName(operationName(operation));
