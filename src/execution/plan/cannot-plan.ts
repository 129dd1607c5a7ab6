/**
 * The reason for which an operation is left to delegation. It is found before any field of the operation is executed.
 */
export class CannotPlan extends Error {
  override readonly name = 'CannotPlan';
  readonly reason: string;

  constructor(reason: string) {
    super(`This operation cannot be planned: ${reason}.`);
    this.reason = reason;
  }
}
