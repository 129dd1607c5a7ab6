import { isJsonRecord, type Json, jsonIn } from '../json.ts';
import { fieldName, namePool, singularOf, wordsOfName } from '../names/names.ts';
import { isIdText } from './id-text.ts';
import { isSecretName } from './request-credentials.ts';
import { valueOfText, valueSchemas } from './value-schema.ts';

/** The arguments that a URL has, as parameters of a contract. */
export interface UrlArguments {
  /** Path with `{name}` in place of values. */
  readonly path: string;
  readonly parameters: readonly Json[];
  /** Name of one row: `customer` of `/customers/{id}`. */
  readonly row: string;
}

/** Properties that identify a row. */
const KEY = /(^|_|[a-z])(id|key|name|login|slug|code|symbol|sku|handle|username|number|email|uuid|isbn|tag|hash)$/i;

/** The version of an API at the beginning of its path: `v1`, `2`, `2010-04-01`. */
const isVersion = (segment: string, at: number): boolean =>
  /^v\d+([._-]?[a-z0-9]+)*$/i.test(segment) || (at === 0 && /^(\d{1,2}(\.\d+)*|\d{4}-\d\d-\d\d)$/.test(segment));

/** Keys of a row and of the objects in it, by their values. The row itself comes first. */
const keysIn = (row: unknown): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const add = (of: Json, prefix: string): void => {
    for (const [name, value] of Object.entries(of)) {
      const text = typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : '';
      if ((text.length > 1 || /id$/i.test(name)) && text !== '' && KEY.test(name) && !found.has(text))
        found.set(text, `${prefix}${name}`);
    }
  };
  const own = jsonIn(row);
  add('id' in own ? { id: own.id, ...own } : own, '');
  for (const [name, value] of Object.entries(own)) if (isJsonRecord(value)) add(value, `${name}_`);
  return found;
};

const nounOf = (segment: string | undefined): string =>
  segment === undefined ? '' : singularOf(wordsOfName(segment).join(' '));

/** Reads the arguments of a URL: segments that are ids by their form or keys of the answered row, and the query. */
export const urlArguments = (url: URL, row: unknown): UrlArguments => {
  const keys = keysIn(row);
  const pool = namePool();
  const parameters: Json[] = [];
  const raw = url.pathname.split('/');
  const nouns: string[] = [];
  const segments = raw.map((segment, index) => {
    const at = index - 1;
    if (segment === '') return segment;
    const text = decodeURIComponent(segment);
    const key = at > 0 ? keys.get(text.toLowerCase()) : undefined;
    if (isVersion(text, at) || (key === undefined && !isIdText(text))) {
      nouns.push(text);
      return segment;
    }
    const isLast = index === raw.length - 1;
    const noun = nounOf(nouns.at(-1));
    const own = isLast && key !== undefined && !key.includes('_id') ? key : fieldName(`${noun} id`);
    const name = pool.take(key !== undefined && !/id$/i.test(key) ? fieldName(key) : own || 'id');
    parameters.push({ name, in: 'path', required: true, schema: { type: 'string' } });
    return `{${name}}`;
  });
  for (const name of new Set(url.searchParams.keys())) {
    if (isSecretName(name)) continue;
    const values = url.searchParams.getAll(name).map(valueOfText);
    const isList = values.length > 1 || name.endsWith('[]');
    const schema = valueSchemas().of(isList ? [values] : values, name, name);
    parameters.push({ name, in: 'query', schema });
  }
  return { path: segments.join('/') || '/', parameters, row: nounOf(nouns.findLast((noun) => !isVersion(noun, -1))) };
};
