import type { ImportedType } from '../../imported-graph.ts';
import { fieldName } from '../../names/names.ts';
import { propertyName } from '../../write/property-name.ts';
import type { MessageObject, MessagePart, OneofMember } from '../imported-service.ts';
import { isEmptyMessage } from '../read/message-types.ts';
import type { MessageNames } from './message-names.ts';

/** A field of an input, or an argument. */
export interface SentField {
  readonly name: string;
  readonly type: ImportedType;
  readonly isRequired: boolean;
  readonly part: MessagePart;
}

/** Writes requests. */
export interface InputText {
  /** Properties of a request, of values in `from`; null if `from` can be sent as it is. */
  properties(fields: readonly SentField[], from: string): string[] | null;
  /** Functions that convert inputs to messages. */
  declarations(): string[];
  /** Helpers that the texts use. */
  readonly helpers: ReadonlySet<string>;
}

/** Well-known types whose form in a request the codec of the gateway checks. */
const UNCHECKED = new Set(['any', 'struct', 'list']);

const bodyName = (input: string): string => fieldName(`${input.replace(/Input$/, '')} body`);

const accessed = (of: string, name: string): string => `${of}.${name}`;

class Writer implements InputText {
  readonly helpers = new Set<string>();
  readonly #objects: ReadonlyMap<string, MessageObject>;
  readonly #names: MessageNames;
  readonly #withRows: ReadonlySet<string>;
  readonly #encoded = new Map<string, boolean>();

  constructor(objects: readonly MessageObject[], names: MessageNames, withRows: ReadonlySet<string>) {
    this.#objects = new Map(objects.map((object) => [object.name, object]));
    this.#names = names;
    this.#withRows = withRows;
  }

  #use(helper: string): string {
    this.helpers.add(helper);
    return helper;
  }

  /** The function of a single value; null if it is sent as it is. */
  #single(part: MessagePart, type: ImportedType): ((value: string) => string) | null {
    if (part.kind === 'oneof') return null;
    const of = part.field.type;
    if (isEmptyMessage(of)) return (value) => `${value} === true ? {} : null`;
    if (of === 'uint32' || of === 'fixed32') return (value) => `Number(${value})`;
    if (typeof of === 'string' || of.kind === 'enum') return null;
    if (of.wellKnown !== null)
      return UNCHECKED.has(of.wellKnown) ? (value) => `${this.#use('unchecked')}(${value})` : null;
    const named = type.kind === 'object' ? type.name : null;
    return named !== null && this.#isEncoded(named) ? (value) => `${bodyName(named)}(${value})` : null;
  }

  /** The expression of a field that is not sent as it is; null for any other one. */
  #value({ part, type, isRequired }: SentField, value: string): string | null {
    if (part.kind === 'oneof') return null;
    const isList = part.field.kind === 'list' && type.kind === 'list';
    const inner = isList ? type.item : type.kind === 'map' ? type.value : type;
    const single = this.#single(part, inner);
    if (type.kind === 'map') return `${this.#use('toMap')}(${value}, (one) => ${single?.('one') ?? 'one'})`;
    if (single === null) return null;
    if (isList) return `${value}${isRequired ? '' : '?.'}${isRequired ? '.' : ''}map((one) => ${single('one')})`;
    const isSafe = isRequired || isEmptyMessage(part.field.type) || (type.kind === 'scalar' && type.name === 'JSON');
    if (isSafe) return single(value);
    return type.kind === 'object'
      ? `${value} && ${single(value)}`
      : `${this.#use('given')}(${value}, (one) => ${single('one')})`;
  }

  /** The names of the members of a oneof in an input. */
  #members({ type }: SentField, members: readonly OneofMember[], value: string): string {
    const fields = type.kind === 'object' ? (this.#objects.get(type.name)?.fields ?? []) : [];
    const properties = this.properties(fields, value);
    return properties === null || members.length === 0
      ? `...${value}`
      : `...(${value} && { ${properties.join(', ')} })`;
  }

  properties(fields: readonly SentField[], from: string): string[] | null {
    let isPlain = true;
    const properties = fields.map((field) => {
      const value = accessed(from, field.name);
      if (field.part.kind === 'oneof') {
        isPlain = false;
        return this.#members(field, field.part.members, value);
      }
      const { name } = field.part.field;
      const text = this.#value(field, value);
      if (text !== null || name !== field.name) isPlain = false;
      return `${propertyName(name)}: ${text ?? value}`;
    });
    return isPlain ? null : properties;
  }

  #isEncoded(name: string): boolean {
    const known = this.#encoded.get(name);
    if (known !== undefined) return known;
    // A type that contains itself is encoded if any other part of it is.
    this.#encoded.set(name, false);
    const isEncoded = this.properties(this.#objects.get(name)?.fields ?? [], 'input') !== null;
    if (isEncoded) this.#encoded.set(name, true);
    else this.#encoded.delete(name);
    return isEncoded;
  }

  declarations(): string[] {
    return [...this.#objects.values()].flatMap(({ name, side, message, fields }) => {
      if (side === 'output' || message === null || !this.#isEncoded(name)) return [];
      const properties = this.properties(fields, 'input') ?? [];
      const type = `${this.#names.declared(name)}${this.#withRows.has(name) ? '<Rows>' : ''}`;
      return [
        `const ${bodyName(name)} = (input: ${type}): ${this.#names.written(message)} => ({\n${properties.map((property) => `  ${property},`).join('\n')}\n});`,
      ];
    });
  }
}

/** Names of inputs that contain an enum at any depth: their types have the parameter `Rows`. */
const inputsWithEnums = (objects: readonly MessageObject[]): ReadonlySet<string> => {
  const found = new Set<string>();
  const has = (type: ImportedType): boolean => {
    if (type.kind === 'list') return has(type.item);
    if (type.kind === 'map') return has(type.value);
    return type.kind === 'enum' || (type.kind === 'object' && found.has(type.name));
  };
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { name, side, fields } of objects)
      if (side === 'input' && fields.some(({ type }) => has(type))) found.add(name);
  }
  return found;
};

/** Creates a writer of requests with these inputs. */
export const inputText = (objects: readonly MessageObject[], names: MessageNames): InputText =>
  new Writer(objects, names, inputsWithEnums(objects));

/** Functions of a generated file, by name. Each is written if it is used. */
export const INPUT_HELPERS: Readonly<Record<string, string>> = {
  toMap: `/** An object of the entries of an input. */
const toMap = <Value, Sent>(
  list: readonly { readonly key: string; readonly value: Value }[] | null | undefined,
  sent: (value: Value) => Sent,
): { readonly [key: string]: Sent } | null =>
  list ? Object.fromEntries(list.map(({ key, value }) => [key, sent(value)])) : null;`,

  given: `/** The converted value, or null without a value. */
const given = <Value, Sent>(value: Value | null | undefined, sent: (value: Value) => Sent): Sent | null =>
  value === null || value === undefined ? null : sent(value);`,

  unchecked: `/** A JSON value: the gateway checks its form when it writes the message. */
const unchecked = (value: unknown): any => value;`,
};
