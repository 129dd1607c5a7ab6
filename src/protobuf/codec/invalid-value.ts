/** A value that its field cannot hold. The message is for the sender of the value. */
export class InvalidValueError extends Error {
  override readonly name = 'InvalidValueError';
  readonly #steps: (string | number)[] = [];

  /** Adds a step at the front of the path to the value. */
  under(step: string | number): this {
    this.#steps.unshift(step);
    return this;
  }

  /** Removes the first step of the path. */
  withoutStep(): this {
    this.#steps.shift();
    return this;
  }

  /** Formats path and message: `items[3].quantity: expected …` */
  describe(): string {
    const path = this.#steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    return path === '' ? this.message : `${path.replace(/^\./, '')}: ${this.message}`;
  }
}

/** Adds `step` to the path of a `InvalidValueError`. Returns any other error unchanged. */
export const under = (step: string | number, error: unknown): unknown =>
  error instanceof InvalidValueError ? error.under(step) : error;
