/** A value that is not what its field holds. Its text is written for whoever sent the value. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  readonly #steps: (string | number)[] = [];

  /** Says where, from the inside out. */
  under(step: string | number): this {
    this.#steps.unshift(step);
    return this;
  }

  /** `items[3].quantity: expected …` */
  describe(): string {
    const path = this.#steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    return path === '' ? this.message : `${path.replace(/^\./, '')}: ${this.message}`;
  }
}

/** What was thrown at `step`; a misfit learns where it was. */
export const under = (step: string | number, error: unknown): unknown =>
  error instanceof Misfit ? error.under(step) : error;
