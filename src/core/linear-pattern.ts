import { RE2JS } from 're2js';

/** Maximum size of a compiled pattern, in instructions of RE2: the time of a match is bounded by size times text. */
const MAX_INSTRUCTIONS = 500;

/** A pattern in the syntax of RE2. The time of a match is linear in the length of the text. */
export interface LinearPattern {
  /** True if the pattern matches anywhere in the text. `^` and `$` are the ends of the text. */
  readonly test: (text: string) => boolean;
}

/**
 * Compiles a pattern. RE2 has no backreferences and no lookaround, the parts of a pattern that need backtracking.
 *
 * @throws Error with the reason, for a pattern that is invalid or too large.
 */
export const linearPattern = (pattern: string): LinearPattern => {
  const compiled = RE2JS.compile(pattern);
  if (compiled.programSize() > MAX_INSTRUCTIONS)
    throw new Error(`it is too large (${compiled.programSize()} instructions, at most ${MAX_INSTRUCTIONS})`);
  return { test: (text) => compiled.test(text) };
};
