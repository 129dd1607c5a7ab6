/** A mistake planted in the correct module. */
export interface Mistake {
  readonly what: string;
  /** Text that occurs once in the module. */
  readonly from: string;
  /** The mistake that replaces it. */
  readonly to: string;
  /** Text of the line with the error. Default: the first line that differs. */
  readonly at?: string;
  /** Part of the compiler's message. */
  readonly says: string;
}
