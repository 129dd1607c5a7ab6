/** Why an operation is left to delegation. Known before anything of it has run. */
export class CannotPlan extends Error {
  override readonly name = 'CannotPlan';
  readonly reason: string;

  constructor(reason: string) {
    super(`This operation cannot be planned: ${reason}.`);
    this.reason = reason;
  }
}
