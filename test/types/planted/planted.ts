/** One mistake in a module that is otherwise right. */
export interface Mistake {
  readonly what: string;
  /** Text of the module that occurs once in it. */
  readonly from: string;
  /** The mistake in its place. */
  readonly to: string;
  /** Text of the line where the error is. Default: the first line that differs. */
  readonly at?: string;
  /** Part of the compiler's message. */
  readonly says: string;
}
