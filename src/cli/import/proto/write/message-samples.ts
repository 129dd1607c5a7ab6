import type { EnumType, FieldType, MessageType } from '../../../../protobuf/type-model.ts';
import type { Definition, ImportedType } from '../../imported-graph.ts';
import type { MessageField, MessageObject, OneofMember } from '../imported-service.ts';
import { isEmptyMessage } from '../read/message-types.ts';
import { graphValue, LIST_VALUE, rawValue, wireValue } from './sample-values.ts';

/** A value of a response in three forms, and the selection that reads it. */
export interface ResponseSample {
  /** In the form of rows and of scripted responses. */
  readonly raw: unknown;
  /** In the form of @grpc/proto-loader. */
  readonly wire: unknown;
  /** With a leading space; empty for a value without fields. */
  readonly selection: string;
  readonly expected: unknown;
}

/** A client's value, and the value of the request. */
export interface RequestSample {
  readonly value: unknown;
  readonly sent: unknown;
}

const MAX_DEPTH = 5;
/** Fields of a type in a sample, by depth. */
const FIELDS = [12, 5, 3, 2, 1];
const INPUT_FIELDS = [4, 2, 1];

const plain = (raw: unknown, wire: unknown, expected: unknown): ResponseSample => ({
  raw,
  wire,
  selection: '',
  expected,
});

const listed = (value: ResponseSample): ResponseSample => ({
  raw: [value.raw],
  wire: [value.wire],
  selection: value.selection,
  expected: [value.expected],
});

/** Makes sample values of messages; null where a type would be endless. */
export class MessageSamples {
  readonly #definitions: ReadonlyMap<string, Definition>;
  readonly #objects: ReadonlyMap<string, MessageObject>;

  constructor(definitions: readonly Definition[], objects: readonly MessageObject[]) {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#objects = new Map(objects.map((object) => [object.name, object]));
  }

  /** A value of an enum other than unspecified, and its name in the graph. */
  #enumValue({ first, numbers }: EnumType, name: string): { readonly value: string; readonly name: string } {
    const definition = this.#definitions.get(name);
    const [own] = definition?.kind === 'enum' ? definition.values : [];
    return own ?? { value: first, name: Object.keys(numbers)[0] ?? '' };
  }

  #single({ type, name }: FieldType, of: ImportedType, depth: number): ResponseSample | null {
    if (typeof type === 'string') return plain(rawValue(type, name), rawValue(type, name), graphValue(type, name));
    if (type.kind === 'enum') {
      const one = this.#enumValue(type, of.kind === 'enum' ? of.name : '');
      return plain(one.value, one.value, one.name);
    }
    if (type.wellKnown !== null) return this.#wellKnown(type, name);
    if (isEmptyMessage(type)) return plain({}, {}, true);
    return of.kind === 'object' ? this.object(of.name, depth) : null;
  }

  #wellKnown(type: MessageType, name: string): ResponseSample {
    const { raw, wire, expected } = wireValue(type, name);
    return plain(raw, wire, expected);
  }

  /** A value of a field that is no oneof. */
  field({ part, type }: MessageField, depth = 0): ResponseSample | null {
    if (part.kind === 'oneof') return null;
    const { field } = part;
    const inner = type.kind === 'list' && field.kind === 'list' ? type.item : type.kind === 'map' ? type.value : type;
    const value = this.#single(field, inner, depth);
    if (field.kind === 'single') return value;
    if (field.kind === 'list') return value === null ? plain([], [], []) : listed(value);
    if (value === null) return null;
    const key = field.key === 'string' ? 'key' : field.key === 'bool' ? 'true' : '1';
    // A value that is empty in the graph has no selection of its own.
    return {
      raw: { [key]: value.raw },
      wire: { [key]: value.wire },
      selection: ` { key value${value.selection} }`,
      expected: [{ key, value: value.expected }],
    };
  }

  #oneof(members: readonly OneofMember[], depth: number): (ResponseSample & { readonly member: FieldType }) | null {
    for (const { field, type, object, valueField } of members) {
      const value = this.#single(field, type, depth);
      if (value === null) continue;
      const inner = valueField === null ? value.selection : ` { ${valueField}${value.selection} }`;
      const expected = valueField === null ? Object(value.expected) : { [valueField]: value.expected };
      return {
        ...value,
        member: field,
        selection: ` { __typename ... on ${object}${inner} }`,
        expected: { __typename: object, ...expected },
      };
    }
    return null;
  }

  /** A message as the row of a type. */
  object(name: string, depth = 0): ResponseSample | null {
    const object = this.#objects.get(name);
    if (object === undefined || depth >= MAX_DEPTH) return null;
    const raw: Record<string, unknown> = {};
    const wire: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const selections: string[] = [];
    for (const field of object.fields.slice(0, FIELDS[depth] ?? 1)) {
      const oneof = field.part.kind === 'oneof' ? this.#oneof(field.part.members, depth + 1) : null;
      const sample = oneof ?? this.field(field, depth + 1);
      const of = oneof?.member ?? (field.part.kind === 'field' ? field.part.field : null);
      if (sample === null || of === null) continue;
      raw[of.name] = sample.raw;
      wire[of.writtenName] = sample.wire;
      // Items of an empty list may have fields, which have no sample to select.
      if (Array.isArray(sample.raw) && sample.raw.length === 0) continue;
      expected[field.name] = sample.expected;
      selections.push(field.name + sample.selection);
    }
    if (selections.length === 0) return { raw, wire, selection: ' { __typename }', expected: { __typename: name } };
    return { raw, wire, selection: ` { ${selections.join(' ')} }`, expected };
  }

  input(
    { type, part }: { readonly type: ImportedType; readonly part: MessageField['part'] },
    depth = 0,
  ): RequestSample | null {
    if (part.kind === 'oneof') return this.#oneofInput(type, depth);
    const { field } = part;
    const inner = type.kind === 'list' && field.kind === 'list' ? type.item : type.kind === 'map' ? type.value : type;
    const value = this.#singleInput(field, inner, depth);
    if (value === null || field.kind === 'single') return value;
    if (field.kind === 'list') return { value: [value.value], sent: [value.sent] };
    const key = field.key === 'string' ? 'key' : field.key === 'bool' ? 'true' : '1';
    return { value: [{ key, value: value.value }], sent: { [key]: value.sent } };
  }

  #singleInput({ type, name }: FieldType, of: ImportedType, depth: number): RequestSample | null {
    if (typeof type === 'string') return { value: graphValue(type, name), sent: rawValue(type, name) };
    if (type.kind === 'enum') {
      const one = this.#enumValue(type, of.kind === 'enum' ? of.name : '');
      return { value: one.name, sent: one.value };
    }
    if (type.wellKnown !== null) {
      const { raw, expected } = wireValue(type, name);
      return { value: type.wellKnown === 'list' ? LIST_VALUE : expected, sent: raw };
    }
    if (isEmptyMessage(type)) return { value: true, sent: {} };
    return of.kind === 'object' ? this.#inputObject(of.name, depth) : null;
  }

  #oneofInput(type: ImportedType, depth: number): RequestSample | null {
    const [member] = type.kind === 'object' ? (this.#objects.get(type.name)?.fields ?? []) : [];
    const value = member && this.input(member, depth + 1);
    return member && value ? { value: { [member.name]: value.value }, sent: { [member.property]: value.sent } } : null;
  }

  #inputObject(name: string, depth: number): RequestSample | null {
    const object = this.#objects.get(name);
    if (object === undefined || depth >= MAX_DEPTH) return null;
    const value: Record<string, unknown> = {};
    const sent: Record<string, unknown> = {};
    let optional = 0;
    for (const field of object.fields) {
      if (!field.isRequired && optional >= (INPUT_FIELDS[depth] ?? 0)) continue;
      const sample = this.input(field, depth + 1);
      if (sample === null && field.isRequired) return null;
      if (sample === null) continue;
      if (!field.isRequired) optional += 1;
      value[field.name] = sample.value;
      Object.assign(sent, field.part.kind === 'oneof' ? sample.sent : { [field.property]: sample.sent });
    }
    return { value, sent };
  }
}
