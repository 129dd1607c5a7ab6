const SHOWN = '[secret]';

/** A value of which no text, JSON or inspection shows more than `[secret]`. */
class Hidden {
  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}

/** A secret of the environment, as a module declares it: its name, never its value. */
export class Secret extends Hidden {
  readonly #variable: string;

  constructor(variable: string) {
    super();
    this.#variable = variable;
  }

  /** The environment variable with the value. `<variable>_FILE` has the path of a file with it instead. */
  get variable(): string {
    return this.#variable;
  }
}

/** The value of a secret. */
export class SecretText extends Hidden {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  /** Returns the value. Pass it to what sends it, and keep it nowhere. */
  reveal(): string {
    return this.#text;
  }
}

/**
 * Declares a secret that an upstream sends: `secret('STRIPE_KEY')`. Its value is that of the environment variable, or the
 * content of the file that `STRIPE_KEY_FILE` names, without surrounding white space. The file is read again when it
 * changes. The value is never part of a log, a span, an error or a module.
 */
export const secret = (variable: string): Secret => new Secret(variable);

/** True for a text that was made of a secret, as by a template literal: it has no value. */
export const hasHiddenSecret = (text: string): boolean => text.includes(SHOWN);
