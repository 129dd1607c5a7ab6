import { expect, test } from 'vitest';
import { byGraphqlJs, MODES, run } from './execution-rules/modes.ts';
import type { Rule } from './execution-rules/rule.ts';
import { RULES } from './execution-rules/rules.ts';

/** Path of the nearest null in the data at or above `path`. */
const nulledAt = (data: unknown, path: string): string => {
  const steps = path.split('.');
  let value = data;
  for (const [depth, step] of steps.entries()) {
    if (value === null) return steps.slice(0, depth).join('.');
    value = Reflect.get(Object(value), step);
  }
  return path;
};

/** Errors as precise as the mode reports them: exact paths, or the paths of the nulls that they caused. */
const known = ({ data }: Rule, errors: readonly string[], isExact: boolean): readonly string[] =>
  (isExact || data === undefined ? [...errors] : errors.map((path) => nulledAt(data, path))).sort();

const locations = new Map<Rule, readonly string[]>();

/** Errors of graphql-js with their locations. */
const locatedByGraphqlJs = async (rule: Rule): Promise<readonly string[]> => {
  const located = locations.get(rule) ?? (await run(byGraphqlJs, rule)).located;
  locations.set(rule, located);
  return located;
};

for (const { name, execute, isExact } of MODES)
  for (const rule of RULES) {
    const promise = rule.notKeptBy?.some((mode) => mode === name) ? test.fails : test;
    promise(`${name}, ${rule.title}`, async () => {
      const { data, errors, located, calls } = await run(execute, rule);
      expect(data).toBe(rule.data === undefined ? undefined : JSON.stringify(rule.data));
      const allowed = [rule.errors ?? [], ...(rule.orErrors ?? [])].map((set) => known(rule, set, isExact));
      expect(allowed).toContainEqual(known(rule, errors, isExact));
      if (rule.calls !== undefined) expect(calls).toEqual(rule.calls);
      // The set of reported errors may vary; errors that are reported have the locations of graphql-js.
      if (execute === byGraphqlJs) locations.set(rule, located);
      else if (isExact && rule.orErrors === undefined) expect(located).toEqual(await locatedByGraphqlJs(rule));
    });
  }

test('every rule has a unique title', () => {
  expect(new Set(RULES.map(({ title }) => title)).size).toBe(RULES.length);
});
