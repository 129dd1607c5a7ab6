/** A subject alternative name of a certificate. */
export interface AlternativeName {
  /** As Node has it: `DNS`, `URI`, `IP Address`, `email`. */
  readonly kind: string;
  readonly value: string;
}

/** Name and value; Node quotes a value with a comma, as JSON. */
const NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * Returns the alternative names of a certificate as Node has them in one text. Returns null for a text that cannot be
 * read as a whole: a part of a value must not be read as a name.
 */
export const alternativeNamesIn = (text: string): readonly AlternativeName[] | null => {
  const names: AlternativeName[] = [];
  NAME.lastIndex = 0;
  for (let at = 0; at < text.length; at = NAME.lastIndex) {
    const [, kind = '', value = ''] = NAME.exec(text) ?? [];
    if (kind === '') return null;
    try {
      names.push({ kind, value: value.startsWith('"') ? String(JSON.parse(value)) : value });
    } catch {
      return null;
    }
  }
  return names;
};
