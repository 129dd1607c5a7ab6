/** A difference between two answers. Contains no value: `change` names types only. */
export interface AnswerDifference {
  /** `items[].price`; '' for the whole answer. All entries of a list share one path. */
  readonly path: string;
  /** `changed`, `missing`, `added`, `length`, or two types: `number -> string`. */
  readonly change: string;
}

const MAX_DIFFERENCES = 20;
const MAX_DEPTH = 64;

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
};

type Properties = Readonly<Record<string, unknown>>;

const isProperties = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compares two answers field by field. Returns each path once, and at most 20. */
export const answerDifferences = (
  one: unknown,
  other: unknown,
  ignored: ReadonlySet<string>,
): readonly AnswerDifference[] => {
  const found = new Map<string, string>();
  const compare = (before: unknown, after: unknown, path: string, depth: number): void => {
    if (found.size >= MAX_DIFFERENCES || depth > MAX_DEPTH || ignored.has(path) || Object.is(before, after)) return;
    const [type, otherType] = [typeOf(before), typeOf(after)];
    if (type !== otherType) found.set(path, `${type} -> ${otherType}`);
    else if (Array.isArray(before) && Array.isArray(after)) {
      if (before.length !== after.length) found.set(path, 'length');
      const entries = Math.min(before.length, after.length);
      for (let at = 0; at < entries; at += 1) compare(before[at], after[at], `${path}[]`, depth + 1);
    } else if (isProperties(before) && isProperties(after)) {
      for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const inner = path === '' ? name : `${path}.${name}`;
        if (Object.hasOwn(before, name) && Object.hasOwn(after, name))
          compare(before[name], after[name], inner, depth + 1);
        else if (!ignored.has(inner)) found.set(inner, Object.hasOwn(before, name) ? 'missing' : 'added');
      }
    } else found.set(path, 'changed');
  };
  compare(one, other, '', 0);
  return [...found].map(([path, change]) => ({ path, change }));
};
