import { safeParse, type z } from 'zod';
import {
  GRAPHQL_OPTIONS,
  GRPC_OPTIONS,
  REST_OPTIONS,
  type UpstreamDefinition,
} from '../../../backend/define/upstream-options.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { optionAt, optionsOf, shownValue } from '../../../upstream/option-kinds.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

/** A problem and its fix. */
export type OptionProblem = readonly [problem: string, fix: string];

type Path = readonly PropertyKey[];

/** `retry.attempts of upstream stock`; the subject itself for an empty path. */
const at = (path: Path, subject: string): string => (path.length === 0 ? subject : `${path.join('.')} of ${subject}`);

/** Returns the suggested option: one of another group, one of the upstream, or a similar name; null without any. */
const suggestedOption = (
  name: string,
  names: readonly string[],
  path: Path,
  upstreamOptions: z.core.$ZodType,
): string | null => {
  const outermost = Object.entries(optionsOf(upstreamOptions) ?? {});
  const groupWithIt = outermost.find(([, option]) => Object.hasOwn(optionsOf(option) ?? {}, name));
  if (groupWithIt !== undefined) return `${groupWithIt[0]}: { ${name} }`;
  if (outermost.some(([option]) => option === name)) return `${name} next to ${String(path[0])}`;
  return nearestSuggestion(name, names);
};

const unknownOption = (name: string, path: Path, upstreamOptions: z.core.$ZodType, subject: string): OptionProblem => {
  const options = path.reduce<z.core.$ZodType | undefined>(
    (group, step) => group && optionAt(group, step),
    upstreamOptions,
  );
  const names = Object.keys((options && optionsOf(options)) ?? {});
  const suggestion = suggestedOption(name, names, path, upstreamOptions);
  const fix =
    suggestion === null ? `remove it; the options are ${names.join(', ')}` : `use ${suggestion}, or remove it`;
  return [`${at(path, subject)} has an unknown option "${name}"`, fix];
};

const problemsOf = (issue: z.core.$ZodIssue, known: z.core.$ZodType, subject: string): readonly OptionProblem[] => {
  const { path, input, message } = issue;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownOption(name, path, known, subject));
  // The last alternative is a group; the others are true and false.
  const inGroup = issue.code === 'invalid_union' ? (issue.errors.at(-1) ?? []) : [];
  if (inGroup.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'))
    return inGroup.flatMap((inner) => problemsOf({ ...inner, path: [...path, ...inner.path] }, known, subject));
  // Credentials are not shown, not even invalid ones.
  const isHidden = path[0] === 'auth' || path[0] === 'headers';
  if (input === undefined) return [[`${at(path.slice(0, -1), subject)} has no ${String(path.at(-1))}`, message]];
  const shown: unknown = issue.code === 'custom' ? issue.params?.shown : undefined;
  return [[`${at(path, subject)} is ${shown ?? (isHidden ? 'invalid' : shownValue(input))}`, message]];
};

/** The problems of options that are not as `known` declares them. `subject` names their owner: `upstream stock`. */
export const optionProblems = (subject: string, options: unknown, known: z.core.$ZodType): readonly OptionProblem[] =>
  (safeParse(known, options, { reportInput: true }).error?.issues ?? []).flatMap((issue) =>
    problemsOf(issue, known, subject),
  );

const OPTIONS = { rest: REST_OPTIONS, grpc: GRPC_OPTIONS, graphql: GRAPHQL_OPTIONS };

/** Reports options of an upstream that do not exist, are out of range or contradict each other. */
export const wrongOptions = (
  reading: ParsedModule,
  upstream: string,
  { protocol, ...options }: UpstreamDefinition,
): readonly ModuleProblem[] => {
  return optionProblems(`upstream ${upstream}`, options, OPTIONS[protocol]).map(([problem, fix]) =>
    inIndex(reading, problem, fix),
  );
};
