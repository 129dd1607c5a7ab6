/**
 * Type of a rejected value, with the reason. No value is assignable to it. Context types exclude it, so that the
 * compiler's message shows the reason alone.
 */
export interface Problem<Reason extends string> {
  readonly problem: Reason;
  /** The index signature makes the compiler report the whole literal instead of its first property. */
  readonly [other: string]: unknown;
}

export interface NoProblem {
  readonly problem?: never;
}

/** A problem if there is a reason. An expression that is already an error has the reason `unknown`, and no problem. */
export type ProblemIf<Reason, At extends string = ''> = [unknown] extends [Reason]
  ? unknown
  : [Reason] extends [never]
    ? unknown
    : Problem<`${At}${Reason & string}`>;

/** Rejects unknown option names, which inference alone would accept. */
export type CheckedNames<Names extends string, Known, Of extends string> = {
  readonly [Name in Names]?: Name extends Known ? unknown : Problem<`${Of} has no option ${Name}`>;
};
