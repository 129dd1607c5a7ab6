import { isJsonRecord, type Json } from '../json.ts';
import { fieldName, type NamePool, namePool, singularOf, typeName } from '../names/names.ts';
import { isIdText } from './id-text.ts';

/** Schemas of values, and the named schemas that they refer to. */
export interface ValueSchemas {
  /** JSON schema of the values of one place. Objects are named schemas, with `name` as the first candidate. */
  of(values: readonly unknown[], name: string, property?: string): Json;
  /** Schemas by name, as in `components` of a contract. */
  readonly named: Readonly<Record<string, Json>>;
}

const MAX_DEPTH = 32;
/** Objects of more properties with values of one form have keys of data. */
const MAX_PROPERTIES = 100;
const MAX_INT = 2 ** 31 - 1;

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

/** Names of measures: a whole number in an answer does not mean that all are. */
const MEASURE =
  /(price|amount|cost|rate|ratio|score|weight|height|width|lat|latitude|lon|lng|longitude|percent|percentage|temperature|speed|distance|average|avg|balance|mean|elevation)$/i;

type Kind = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

const kindOf = (value: unknown): Kind => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return 'object';
};

const unknown = (reason: string): Json => ({ 'x-reason': reason });

const formatOf = (texts: readonly unknown[]): Json => {
  if (texts.every((text) => DATE_TIME.test(String(text)))) return { format: 'date-time' };
  return texts.every((text) => DATE.test(String(text))) ? { format: 'date' } : {};
};

const scalarOf = (values: readonly unknown[], kinds: ReadonlySet<Kind>, property: string): Json => {
  if (kinds.size > 1)
    return { type: kinds.size === 2 && kinds.has('number') && kinds.has('integer') ? 'number' : [...kinds] };
  const [kind] = kinds;
  if (kind === 'string') return { type: 'string', ...formatOf(values) };
  if (kind !== 'integer') return { type: kind };
  if (MEASURE.test(property)) return { type: 'number' };
  return values.some((value) => Math.abs(Number(value)) > MAX_INT)
    ? { type: 'integer', format: 'int64' }
    : { type: kind };
};

interface Above {
  readonly name: string;
  readonly properties: string;
}

class Schemas implements ValueSchemas {
  readonly named: Record<string, Json> = {};
  readonly #names: NamePool = namePool();

  of(values: readonly unknown[], name: string, property = ''): Json {
    return this.#of(values, name, property, []);
  }

  #of(values: readonly unknown[], name: string, property: string, above: readonly Above[]): Json {
    const present = values.filter((value) => value !== null && value !== undefined);
    if (present.length === 0) return unknown('it is null in the answer');
    if (above.length > MAX_DEPTH) return unknown(`it is more than ${MAX_DEPTH} levels deep`);
    const kinds = new Set(present.map(kindOf));
    if (kinds.size === 1 && kinds.has('object'))
      return this.#object(present.filter(isJsonRecord), name, property, above);
    if (kinds.size === 1 && kinds.has('array')) {
      const items = present.flat(1);
      return {
        type: 'array',
        items: items.length === 0 ? unknown('the list is empty in the answer') : this.#of(items, name, property, above),
      };
    }
    return scalarOf(present, kinds, property);
  }

  #object(rows: readonly Json[], name: string, property: string, above: readonly Above[]): Json {
    const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    if (keys.length === 0) return unknown('the object is empty in the answer');
    if (keys.every(isIdText) || keys.length > MAX_PROPERTIES) {
      const values = rows.flatMap((row) => Object.values(row));
      return {
        type: 'object',
        additionalProperties: this.#of(values, typeName(`${name} Value`), property, [
          ...above,
          { name: '', properties: '' },
        ]),
      };
    }
    // An object of the properties of one above it is of its type, as in a tree.
    const properties = keys.toSorted().join('\n');
    const same = keys.length > 1 ? above.find((one) => one.properties === properties) : undefined;
    if (same !== undefined) return { $ref: `#/components/schemas/${same.name}` };
    const own = this.#names.take(typeName(name));
    const within = [...above, { name: own, properties }];
    this.named[own] = {};
    const members = keys.map((key) => {
      const values = rows.map((row) => row[key]);
      const word = values.some(Array.isArray) ? singularOf(fieldName(key)) : key;
      return [key, this.#of(values, `${own} ${word}`, key, within)] as const;
    });
    this.named[own] = { type: 'object', properties: Object.fromEntries(members) };
    return { $ref: `#/components/schemas/${own}` };
  }
}

/** Creates an empty set of schemas. Names of objects are unique in it. */
export const valueSchemas = (): ValueSchemas => new Schemas();

/** The value that a text of a URL or a form stands for. */
export const valueOfText = (text: string): unknown => {
  if (/^(true|false)$/.test(text)) return text === 'true';
  // Text of digits with a leading zero, or of many, is no number.
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text;
};
