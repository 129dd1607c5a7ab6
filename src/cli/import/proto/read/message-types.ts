import type { EnumType, FieldType, MessageType } from '../../../../protobuf/type-model.ts';
import type { GrowingGraph } from '../../connection-types.ts';
import type { Definition, ImportedField, ImportedType } from '../../imported-graph.ts';
import { fieldName, type NamePool, namePool, typeName } from '../../names/names.ts';
import type { MessageField, MessageObject, OneofMember, ProtoEnum } from '../imported-service.ts';
import { protoEnum } from './message-enums.ts';
import { protoScalar, wellKnownType } from './message-scalars.ts';

export type MessageSide = MessageObject['side'];

/** Names that an imported type must not have: GraphQL's own, the gateway's scalars and root types. */
const TAKEN =
  'Query Mutation Subscription String Int Float Boolean ID Base64 BigInt Date DateTime EmailAddress JSON URL UUID PageInfo';

const plainField = (name: string, type: ImportedType, isRequired: boolean): ImportedField => ({
  name,
  property: name,
  type,
  isRequired,
  description: null,
  deprecated: false,
});

/** True for a message with the value null of JSON. */
const mayBeNull = (type: FieldType['type']): boolean =>
  typeof type === 'object' && type.kind === 'message' && type.wellKnown === 'value';

/** True for a message without fields, such as google.protobuf.Empty. */
export const isEmptyMessage = (type: FieldType['type']): boolean =>
  typeof type === 'object' && type.kind === 'message' && type.wellKnown === null && type.fields.length === 0;

/** True for a message with fields that are all on the other side of a call. */
const hasNoFields = (type: FieldType['type'], side: MessageSide, seen: ReadonlySet<MessageType>): boolean => {
  if (typeof type === 'string' || type.kind === 'enum' || type.wellKnown !== null || seen.has(type)) return false;
  const known = new Set([...seen, type]);
  return type.fields.length > 0 && !type.fields.some((field) => isOn(side, field, known));
};

/** True if a field is on this side of a call. An extension has no name in a graph. */
const isOn = (
  side: MessageSide,
  { behavior, name, type }: FieldType,
  seen: ReadonlySet<MessageType> = new Set(),
): boolean =>
  !behavior.includes(side === 'output' ? 'INPUT_ONLY' : 'OUTPUT_ONLY') &&
  !name.startsWith('[') &&
  !hasNoFields(type, side, seen);

/** Converts messages and enums to types of the graph, and collects their definitions. */
export class MessageTypes implements GrowingGraph {
  readonly definitions: Definition[] = [];
  readonly objects: MessageObject[] = [];
  readonly enums: ProtoEnum[] = [];
  readonly names: NamePool;
  readonly #known = new Map<string, string>();

  constructor(taken: Iterable<string>) {
    this.names = namePool([...TAKEN.split(' '), ...taken]);
  }

  add(definition: Definition): void {
    this.definitions.push(definition);
  }

  /** The enum with this name in the graph. */
  enumNamed(name: string): ProtoEnum | undefined {
    return this.enums.find((one) => one.name === name);
  }

  /** Fields of a message. Members of a oneof are one field, in the place of the first of them. */
  fieldsOf(message: MessageType, side: MessageSide, owner: string): MessageField[] {
    const pool = namePool();
    const fields: MessageField[] = [];
    const oneofs = new Set<string>();
    for (const field of message.fields) {
      if (!isOn(side, field) || /^__/.test(fieldName(field.name))) continue;
      if (field.oneof === null) fields.push(this.#fieldOf(field, side, owner, pool));
      else if (!oneofs.has(field.oneof)) {
        oneofs.add(field.oneof);
        const members = message.fields.filter((one) => one.oneof === field.oneof && isOn(side, one));
        fields.push(
          members.length === 1
            ? this.#fieldOf(field, side, owner, pool)
            : this.#oneofOf(field.oneof, members, side, owner, pool),
        );
      }
    }
    return fields;
  }

  #fieldOf(field: FieldType, side: MessageSide, owner: string, pool: NamePool): MessageField {
    const type = this.typeOf(field, side, owner);
    const isSpecified =
      type.kind !== 'enum' || field.kind !== 'single' || this.enumNamed(type.name)?.unspecified === null;
    const isPresent =
      field.isRequired ||
      (isEmptyMessage(field.type) && field.kind === 'single') ||
      ((!field.hasPresence || field.declaredDefault !== null) && field.oneof === null);
    const isMandatory = field.isRequired || field.behavior.includes('REQUIRED');
    return {
      ...plainField(pool.take(fieldName(field.name)), type, side === 'output' ? isPresent && isSpecified : isMandatory),
      property: field.name,
      description: field.doc,
      deprecated: field.isDeprecated && (side === 'output' || !isMandatory),
      part: { kind: 'field', field },
    };
  }

  typeOf(field: FieldType, side: MessageSide, owner: string): ImportedType {
    const value = this.#valueType(field, side);
    if (field.kind === 'list') return { kind: 'list', item: value, isItemNullable: mayBeNull(field.type) };
    return field.kind === 'map' ? this.#mapOf(field, value, side, owner) : value;
  }

  #valueType({ type, name }: FieldType, side: MessageSide): ImportedType {
    if (typeof type === 'string') return protoScalar(type, name);
    if (type.kind === 'enum') return { kind: 'enum', name: this.#enumOf(type) };
    const known = wellKnownType(type, name);
    if (known !== null) return known;
    if (isEmptyMessage(type)) return { kind: 'scalar', name: 'Boolean', raw: 'boolean' };
    return { kind: 'object', name: this.objectOf(type, side) };
  }

  /** Candidates for a name: that of the message, or with its package. */
  #take({ path, name }: MessageType | EnumType, ending = ''): string {
    const short = typeName(path.join(' '));
    const suffix = short.endsWith(ending) ? '' : ending;
    return this.names.take(
      `${short}${suffix}`,
      `${typeName(name.replaceAll('.', ' '))}${suffix}`,
      `${short}Object${suffix}`,
    );
  }

  #enumOf(type: EnumType): string {
    const known = this.#known.get(type.name);
    if (known !== undefined) return known;
    const name = this.#take(type);
    const { definition, read } = protoEnum(type, name);
    this.#known.set(type.name, name);
    this.definitions.push(definition);
    this.enums.push(read);
    return name;
  }

  /** The name of the type of a message. */
  objectOf(message: MessageType, side: MessageSide): string {
    const key = `${side} ${message.name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = this.#take(message, side === 'input' ? 'Input' : '');
    const fields: MessageField[] = [];
    // The definition is known before its fields are read: they may refer to it.
    this.#known.set(key, name);
    this.#define(name, side, message, fields, message.doc);
    fields.push(...this.fieldsOf(message, side, name));
    return name;
  }

  #define(
    name: string,
    side: MessageSide,
    message: MessageType | null,
    fields: MessageField[],
    description: string | null,
    isOneOf = false,
  ): void {
    this.definitions.push(
      side === 'output'
        ? { kind: 'object', name, description, fields }
        : { kind: 'input', name, description, fields, isOneOf },
    );
    this.objects.push({ name, side, message, fields });
  }

  /** An object with a field that has the value of `field`. */
  #valueField(name: string, field: FieldType, type: ImportedType, side: MessageSide): MessageField {
    const single: FieldType = { ...field, name, kind: 'single', hasPresence: false, oneof: null };
    const isSpecified = type.kind !== 'enum' || this.enumNamed(type.name)?.unspecified === null;
    return {
      ...plainField(name, type, side === 'input' || (isSpecified && !mayBeNull(field.type))),
      part: { kind: 'field', field: single },
    };
  }

  #mapOf(field: FieldType, value: ImportedType, side: MessageSide, owner: string): ImportedType {
    const base = owner.replace(/Input$/, '');
    const name = this.names.take(`${typeName(`${base} ${field.name} Entry`)}${side === 'input' ? 'Input' : ''}`);
    const key: FieldType = { ...field, name: 'key', kind: 'single', type: 'string', key: null, hasPresence: false };
    const fields: MessageField[] = [
      {
        ...plainField('key', { kind: 'scalar', name: 'String', raw: 'text' }, true),
        part: { kind: 'field', field: key },
      },
      this.#valueField('value', field, value, side),
    ];
    this.#define(name, side, null, fields, null);
    return { kind: 'map', name, value };
  }

  #oneofOf(
    oneof: string,
    members: readonly FieldType[],
    side: MessageSide,
    owner: string,
    pool: NamePool,
  ): MessageField {
    const base = owner.replace(/Input$/, '');
    const union = this.names.take(`${typeName(`${base} ${oneof}`)}${side === 'input' ? 'Input' : ''}`);
    const seen = new Set<string>();
    const cases = members.map((field): OneofMember => {
      const type = this.#valueType(field, side);
      if (side === 'input') return { field, type, object: null, valueField: null };
      const isOwn = type.kind === 'object' && !seen.has(type.name);
      if (isOwn) {
        seen.add(type.name);
        return { field, type, object: type.name, valueField: null };
      }
      const object = this.names.take(typeName(`${base} ${field.name}`), `${union}${typeName(field.name)}`);
      this.#define(object, side, null, [this.#valueField('value', field, type, side)], field.doc);
      return { field, type, object, valueField: 'value' };
    });
    if (side === 'output')
      this.definitions.push({
        kind: 'union',
        name: union,
        description: null,
        members: cases.map(({ object }) => ({ name: object ?? '', property: null, values: null })),
      });
    else {
      const names = namePool();
      const fields = cases.map(
        ({ field, type }): MessageField => ({
          ...plainField(names.take(fieldName(field.name)), type, false),
          description: field.doc,
          part: { kind: 'field', field },
        }),
      );
      this.#define(union, 'input', null, fields, null, true);
    }
    return {
      ...plainField(
        pool.take(fieldName(oneof), fieldName(`${oneof} oneof`)),
        { kind: side === 'output' ? 'union' : 'object', name: union },
        false,
      ),
      part: { kind: 'oneof', members: cases },
    };
  }
}
