import type { MethodType } from '../../../../protobuf/type-model.ts';

/** Beginnings of the names of methods that read. The start warns of the same ones if they are not declared. */
const PREFIXES = ['BatchGet', 'Get', 'List', 'Search'] as const;

const prefixOf = (name: string): string | undefined =>
  PREFIXES.find((prefix) => new RegExp(`^${prefix}($|[^a-z])`).test(name));

/** True for a method that reads: by its options in the .proto, or else by its name. */
export const isReadMethod = ({ name, idempotency, http }: MethodType): boolean => {
  if (idempotency === 'safe' || http === 'GET') return true;
  return prefixOf(name) !== undefined && !['PUT', 'PATCH', 'DELETE'].includes(http ?? '');
};

/** Patterns for the option `reads`: the reads of a service that its .proto does not declare. */
export const readPatterns = (methods: readonly MethodType[], reads: ReadonlySet<MethodType>): string[] => {
  const isOpen = (method: MethodType): boolean => reads.has(method) && method.idempotency !== 'safe';
  const patterns = methods.filter(isOpen).map(({ name }) => {
    const prefix = prefixOf(name);
    // A pattern must not match a method that writes, nor more than the names of the convention.
    const all = prefix === undefined ? [] : methods.filter((one) => one.name.startsWith(prefix));
    return all.length > 0 && all.every((one) => reads.has(one)) ? `${prefix}*` : name;
  });
  return [...new Set(patterns)];
};
