import { GatewayError } from '../../../core/errors.ts';
import { type FieldStyle, NOTATIONS, type Notation } from './field-style.ts';

/** Value of one field. A Date is sent as ISO 8601 in UTC; null and undefined leave the field out. */
export type FieldValue = string | number | bigint | boolean | Date | null | undefined;

/** Receives the fields of a query, form or multipart body, in order. */
export interface FieldSink {
  field(name: string, text: string): void;
  /** A list that becomes one field, with the style `comma`. */
  joined(name: string, texts: readonly string[]): void;
  /** Accepts a value that is not text, such as a file, and returns true; else returns false. */
  other?(name: string, value: object): boolean;
}

/** Origin of the fields, for messages. */
export interface FieldSource {
  /** `query`, `form` or `multipart`. */
  readonly what: string;
  /** Name of the option that sets the style. */
  readonly option: 'queryStyle' | 'formStyle';
  readonly style: FieldStyle;
}

/** Deeper values are refused: an object that contains itself has no end. */
const MAX_DEPTH = 20;

/** @throws GatewayError BAD_USER_INPUT for a lone surrogate: GraphQL strings may contain one, UTF-8 cannot. */
export const wellFormed = (text: string, what: string): string => {
  if (!text.isWellFormed()) throw new GatewayError('BAD_USER_INPUT', `${what} is not well-formed text.`);
  return text;
};

/** True for an object literal, and for an object of GraphQL arguments, which has no prototype. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

const isNested = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (Array.isArray(value) || isPlain(value));

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

const unsendable = (name: string, reason: string, { what }: FieldSource): Error =>
  new Error(`${what}: ${name} is ${reason}: pass text, a number, a boolean, a Date, a list or a plain object`);

const scalarText = (name: string, value: unknown, source: FieldSource): string => {
  switch (typeof value) {
    case 'string':
      return wellFormed(value, name);
    case 'number':
      if (!Number.isFinite(value)) throw unsendable(name, String(value), source);
      return String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      if (!(value instanceof Date)) throw unsendable(name, `a ${typeof value}`, source);
      if (Number.isNaN(value.getTime())) throw unsendable(name, 'an invalid Date', source);
      return value.toISOString();
  }
};

/** Adds lists and objects. */
class FieldWalk {
  readonly #source: FieldSource;
  readonly #notation: Notation;
  readonly #sink: FieldSink;

  constructor(source: FieldSource, sink: FieldSink) {
    this.#source = source;
    this.#notation = NOTATIONS[source.style];
    this.#sink = sink;
  }

  add(name: string, value: unknown, depth: number): void {
    if (isNothing(value)) return;
    if (typeof value !== 'object' || value instanceof Date)
      this.#sink.field(name, scalarText(name, value, this.#source));
    else if (Array.isArray(value)) this.#addList(name, value, depth);
    else if (this.#sink.other?.(name, value) !== true) this.#addObject(name, value, depth);
  }

  #addList(name: string, list: readonly unknown[], depth: number): void {
    const { item, isIndexed, isJoined } = this.#notation;
    if (list.some(isNested)) {
      if (!isIndexed) throw this.#refusal(name, 'a list of objects or lists', true);
      const items = list.filter((each) => !isNothing(each));
      for (const [at, each] of items.entries()) this.add(`${name}[${at}]`, each, this.#below(name, depth));
    } else if (isJoined) {
      const texts = list.filter((each) => !isNothing(each)).map((each) => scalarText(name, each, this.#source));
      if (texts.length > 0) this.#sink.joined(name, texts);
    } else {
      const itemName = item(name);
      for (const each of list) this.add(itemName, each, depth);
    }
  }

  #addObject(name: string, value: object, depth: number): void {
    const { member } = this.#notation;
    if (!isPlain(value)) throw this.#refusal(name, `an object of the class ${value.constructor.name}`);
    if (member === null) throw this.#refusal(name, 'an object', true);
    const inside = this.#below(name, depth);
    for (const [property, one] of Object.entries(value)) this.add(member(name, property), one, inside);
  }

  #below(name: string, depth: number): number {
    if (depth >= MAX_DEPTH) throw this.#refusal(name, `nested in more than ${MAX_DEPTH} objects`);
    return depth + 1;
  }

  #refusal(name: string, reason: string, isMatterOfStyle = false): Error {
    const { what, option, style } = this.#source;
    if (!isMatterOfStyle) return unsendable(name, reason, this.#source);
    const fix = `use another style, such as 'brackets'`;
    return new Error(`${what}: ${name} is ${reason}, which ${option} '${style}' cannot express: ${fix}`);
  }
}

/**
 * Passes each field of an object to a sink, with nested names in the notation of the style.
 *
 * @throws GatewayError BAD_USER_INPUT for text that is not well-formed; Error for a value that the style cannot
 * express, and for one that is not text: NaN, a function, an invalid Date, a Map.
 */
export const walkFields = (fields: object, source: FieldSource, sink: FieldSink): void => {
  let walk: FieldWalk | null = null;
  // Every object has properties that may be anything.
  const values = fields as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (isNothing(value)) continue;
    wellFormed(name, source.what);
    if (typeof value !== 'object') sink.field(name, scalarText(name, value, source));
    else {
      walk ??= new FieldWalk(source, sink);
      walk.add(name, value, 0);
    }
  }
};
