/**
 * The type of a place whose value is refused, with the reason. No value has it. The types of contexts exclude it, so that
 * a message of the compiler shows the reason and nothing else.
 */
export interface Problem<Reason extends string> {
  readonly problem: Reason;
  /** Without other names the compiler would refuse the first property of a literal, and not the literal. */
  readonly [other: string]: unknown;
}

export interface NoProblem {
  readonly problem?: never;
}

/** A problem where there is a reason for one. An expression that is an error already has any reason, and no problem. */
export type ProblemIf<Reason, At extends string = ''> = [unknown] extends [Reason]
  ? unknown
  : [Reason] extends [never]
    ? unknown
    : Problem<`${At}${Reason & string}`>;

/** Refuses names that are no option: inferred names would pass. */
export type CheckedNames<Names extends string, Known, Of extends string> = {
  readonly [Name in Names]?: Name extends Known ? unknown : Problem<`${Of} has no option ${Name}`>;
};
