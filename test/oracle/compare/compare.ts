import type { ExecutionResult } from 'graphql';
import { answered, nulled, type Problem, reported, startsWith, textOf } from './errors.ts';

/** The answers to one operation. */
export interface Answers {
  readonly got: ExecutionResult;
  readonly expected: ExecutionResult;
  /** The answer with every error that a full execution can raise, used only if one error removed others. */
  readonly full: () => Promise<ExecutionResult>;
  /** Codes that modules have declared. */
  readonly declared: ReadonlySet<string>;
}

const grouped = (data: unknown, problems: readonly Problem[]): Map<string, Problem[]> => {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const at = JSON.stringify(nulled(data, problem.path));
    groups.set(at, [...(groups.get(at) ?? []), problem]);
  }
  return groups;
};

const texts = (problems: readonly Problem[] = []): string => problems.map(textOf).toSorted().join(', ');

/** With null propagation, the first error is reported; which one is first is undefined, in graphql-js too. */
const drawable = (at: string, got: readonly Problem[], full: readonly Problem[]): string[] =>
  got.flatMap((problem) => {
    if (!startsWith(problem.path, JSON.parse(at))) return [`${textOf(problem)} is not below ${at}`];
    return full.some((one) => explains(one, problem)) || isOfFailedItem(problem, full)
      ? []
      : [`${textOf(problem)} is an error that cannot be raised below ${at}`];
  });

/** Codes of errors that a service reports. They stand at the null of the service's data, which may be above the error. */
const OF_SERVICES: ReadonlySet<string> = new Set(['UPSTREAM_ERROR', 'NOT_FOUND']);

const explains = (raised: Problem, { path, code }: Problem): boolean => {
  if (raised.code !== code) return false;
  // A row that a service nulls, for an error below, fails every field that it was loaded for.
  if (OF_SERVICES.has(code)) return startsWith(raised.path, path.slice(0, -1));
  return startsWith(raised.path, path) && raised.path.length === path.length;
};

const namesIn = (path: Problem['path']) => path.filter((key) => typeof key === 'string');

/**
 * True for the error of another item of a service's list. A failed item has no key: its error is that of every key
 * without a row, also of a key that the service does not know.
 */
const isOfFailedItem = ({ path, code }: Problem, full: readonly Problem[]): boolean => {
  const row = path.slice(0, -1);
  return (
    OF_SERVICES.has(code) &&
    full.some((one) => one.code === 'NOT_FOUND' && one.path.length === path.length && startsWith(one.path, row)) &&
    full.some((one) => one.code === code && startsWith(namesIn(one.path), namesIn(row)))
  );
};

/**
 * Returns the differences between two answers, one line each. Data must be equal byte for byte; the same nulls must be
 * explained by errors, with equal paths and codes without null propagation, and with one of the possible errors
 * otherwise; no path occurs twice; the order of errors is free.
 */
export const differences = async ({ got, expected, full, declared }: Answers): Promise<readonly string[]> => {
  if (got.data === undefined || expected.data === undefined)
    return (got.data === undefined) === (expected.data === undefined) ? [] : ['only one of them was executed'];
  const found: string[] = [];
  if (JSON.stringify(got.data) !== JSON.stringify(expected.data)) found.push('the data differs');

  const problems = answered(got);
  const paths = new Set(problems.map(({ path }) => JSON.stringify(path)));
  if (paths.size < problems.length) found.push(`a path has several errors: ${texts(problems)}`);
  const [here, there] = [grouped(got.data, problems), grouped(expected.data, reported(expected, declared))];
  let all: readonly Problem[] | null = null;
  for (const at of new Set([...here.keys(), ...there.keys()])) {
    const [mine, theirs] = [here.get(at), there.get(at)];
    if (at === 'null') found.push(`an error without a null: ${texts([...(mine ?? []), ...(theirs ?? [])])}`);
    else if (mine === undefined) found.push(`null at ${at} has no error: ${texts(theirs)}`);
    else if (theirs === undefined) found.push(`null at ${at} has an unexpected error: ${texts(mine)}`);
    else if (theirs.every(({ path }) => JSON.stringify(path) === at)) {
      if (texts(mine) !== texts(theirs)) found.push(`${texts(mine)} instead of ${texts(theirs)}`);
    } else {
      all ??= reported(await full(), declared);
      found.push(...drawable(at, mine, all));
    }
  }
  return found;
};

/** True if a null propagated out of an item of a list. */
export const bubblesThroughList = (expected: ExecutionResult): boolean =>
  reported(expected, new Set()).some(({ path }) => {
    const at = nulled(expected.data, path);
    return at !== null && path.slice(at.length).some((key) => typeof key === 'number');
  });
