import type { FieldStyle } from './field-style.ts';
import { type FieldSink, type FieldSource, walkFields } from './fields.ts';

const UNESCAPED = /%20|[!'()~]/g;

/** Escapes as WHATWG's urlencoded serializer: a space is `+`, and only letters, digits and `*-._` stay. */
export const escapeForm = (text: string): string =>
  encodeURIComponent(text).replaceAll(UNESCAPED, (found) =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );

class Pairs implements FieldSink {
  readonly #encode: (text: string) => string;
  text = '';

  constructor(encode: (text: string) => string) {
    this.#encode = encode;
  }

  field(name: string, text: string): void {
    this.#add(name, this.#encode(text));
  }

  joined(name: string, texts: readonly string[]): void {
    this.#add(name, texts.map(this.#encode).join(','));
  }

  #add(name: string, value: string): void {
    this.text += `${this.text === '' ? '' : '&'}${this.#encode(name)}=${value}`;
  }
}

/**
 * Returns `a=1&b=2`, with names and values escaped by `encode`. Values of a joined list are separated by a comma that
 * is not escaped, so that a comma inside a value stays distinct (RFC 6570, 3.2.1).
 *
 * @throws as `walkFields`
 */
export const urlencoded = (fields: object, source: FieldSource, encode: (text: string) => string): string => {
  const pairs = new Pairs(encode);
  walkFields(fields, source, pairs);
  return pairs.text;
};

/** Serializes a form as `application/x-www-form-urlencoded`. @throws as `walkFields` */
export const formBody = (form: object, style: FieldStyle): string =>
  urlencoded(form, { what: 'form', option: 'formStyle', style }, escapeForm);
