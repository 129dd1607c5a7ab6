import type { FieldStyle } from './field-style.ts';
import { type FieldSource, walkFields } from './fields.ts';

const UNESCAPED = /%20|[!'()~]/g;

/** Escapes as WHATWG's urlencoded serializer: a space is `+`, and only letters, digits and `*-._` stay. */
export const escapeForm = (text: string): string =>
  encodeURIComponent(text).replaceAll(UNESCAPED, (found) =>
    found === '%20' ? '+' : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Returns `a=1&b=2`, with names and values escaped by `encode`. Values of a joined list are separated by a comma that
 * is not escaped, so that a comma inside a value stays distinct (RFC 6570, 3.2.1).
 *
 * @throws as `walkFields`
 */
export const urlencoded = (fields: object, source: FieldSource, encode: (text: string) => string): string => {
  let text = '';
  walkFields(fields, source, {
    field: (name, texts) => {
      const value = texts.length === 1 ? encode(texts[0] ?? '') : texts.map(encode).join(',');
      text += `${text === '' ? '' : '&'}${encode(name)}=${value}`;
    },
  });
  return text;
};

/** Serializes a form as `application/x-www-form-urlencoded`. @throws as `walkFields` */
export const formBody = (form: object, style: FieldStyle): string =>
  urlencoded(form, { what: 'form', option: 'formStyle', style }, escapeForm);
