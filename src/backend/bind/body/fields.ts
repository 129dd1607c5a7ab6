import { GatewayError } from '../../../core/errors.ts';
import { type FieldStyle, NOTATIONS, type Notation } from './field-style.ts';

/** Value of one field. A Date is sent as ISO 8601 in UTC; null and undefined leave the field out. */
export type FieldValue = string | number | bigint | boolean | Date | null | undefined;

/** Receives the fields of a query, form or multipart body, in order. */
export interface FieldSink {
  /** One field with its text. With the style `comma`, a list has several texts. */
  field(name: string, texts: readonly string[]): void;
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

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

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
    if (typeof value !== 'object' || value instanceof Date) this.#sink.field(name, [this.#text(name, value)]);
    else if (Array.isArray(value)) this.#addList(name, value, depth);
    else if (this.#sink.other?.(name, value) !== true) this.#addObject(name, value, depth);
  }

  #addList(name: string, list: readonly unknown[], depth: number): void {
    const items = list.filter((item) => !isNothing(item));
    const { item, isIndexed, isJoined } = this.#notation;
    if (isIndexed && items.some((each) => this.#isNested(each)))
      for (const [at, each] of items.entries()) this.add(`${name}[${at}]`, each, this.#below(name, depth));
    else if (items.some((each) => this.#isNested(each))) throw this.#refusal(name, 'a list of objects or lists', true);
    else if (!isJoined) for (const each of items) this.add(item(name), each, depth);
    else if (items.length > 0)
      this.#sink.field(
        name,
        items.map((each) => this.#text(name, each)),
      );
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

  #isNested(value: unknown): boolean {
    return Array.isArray(value) || (typeof value === 'object' && value !== null && isPlain(value));
  }

  #text(name: string, value: unknown): string {
    switch (typeof value) {
      case 'string':
        return wellFormed(value, name);
      case 'number':
        if (!Number.isFinite(value)) throw this.#refusal(name, String(value));
        return String(value);
      case 'bigint':
      case 'boolean':
        return String(value);
      default:
        if (!(value instanceof Date)) throw this.#refusal(name, `a ${typeof value}`);
        if (Number.isNaN(value.getTime())) throw this.#refusal(name, 'an invalid Date');
        return value.toISOString();
    }
  }

  #refusal(name: string, reason: string, isMatterOfStyle = false): Error {
    const { what, option, style } = this.#source;
    const fix = isMatterOfStyle
      ? `which ${option} '${style}' cannot express: use another style, such as 'brackets'`
      : 'pass text, a number, a boolean, a Date, a list or a plain object';
    return new Error(`${what}: ${name} is ${reason}${isMatterOfStyle ? ', ' : ': '}${fix}`);
  }
}

/**
 * Passes each field of an object to a sink, with nested names in the notation of the style.
 *
 * @throws GatewayError BAD_USER_INPUT for text that is not well-formed; Error for a value that the style cannot
 * express, and for one that is not text: NaN, a function, an invalid Date, a Map.
 */
export const walkFields = (fields: object, source: FieldSource, sink: FieldSink): void => {
  const walk = new FieldWalk(source, sink);
  for (const [name, value] of Object.entries(fields)) walk.add(wellFormed(name, source.what), value, 0);
};
