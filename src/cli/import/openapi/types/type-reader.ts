import type {
  Definition,
  ImportedField,
  ImportedType,
  InputDefinition,
  ObjectDefinition,
} from '../../imported-graph.ts';
import { enumValueName, fieldName, type NamePool, namePool, typeName } from '../../names/names.ts';
import type { Contract } from '../document/contract.ts';
import { type FlatSchema, flatten } from './flat-schema.ts';
import { anyType, isScalarSchema, jsonType, mixedText, scalarType } from './scalar-types.ts';
import type { ReadType, SchemaPlace, TypeReader } from './type-reading.ts';
import { variantType } from './variants.ts';

/** Names that an imported type must not have: GraphQL's own, the gateway's scalars and root types. */
const TAKEN =
  'Query Mutation Subscription String Int Float Boolean ID Base64 BigInt Date DateTime EmailAddress JSON URL UUID PageInfo';

const hintOf = ({ ref }: FlatSchema, { hint, side }: SchemaPlace): [string, ...string[]] => {
  const own = typeName(
    ref === null ? hint : decodeURIComponent(ref.split('/').at(-1) ?? hint).replace(/^.*\.(?=[^.]*$)/, ''),
  );
  const full = ref === null ? own : typeName(decodeURIComponent(ref.split('/').at(-1) ?? hint));
  const suffix = side === 'input' && !/(Input|Request|Params)$/.test(own) ? 'Input' : '';
  return [`${own}${suffix}`, `${full}${suffix}`, `${own}${side === 'input' ? 'Input' : 'Object'}`];
};

const isEmpty = (definition: Definition): boolean =>
  (definition.kind === 'object' || definition.kind === 'input') && definition.fields.length === 0;

class Reader implements TypeReader {
  readonly contract: Contract;
  readonly definitions: Definition[] = [];
  readonly names: NamePool;
  readonly #known = new Map<string, Definition>();
  readonly #empty = new Set<Definition>();

  constructor(contract: Contract, taken: Iterable<string>) {
    this.contract = contract;
    this.names = namePool([...TAKEN.split(' '), ...taken]);
  }

  add(definition: Definition): void {
    this.definitions.push(definition);
  }

  read(schema: unknown, place: SchemaPlace): ReadType {
    const flat = flatten(this.contract, schema);
    return { type: this.typeOf(flat, place), schema: flat };
  }

  typeOf(schema: FlatSchema, place: SchemaPlace): ImportedType {
    const { types, properties, values, variants, items, additional } = schema;
    if (place.files?.has(place.property) === true && !types.has('array')) return this.#file();
    if (values !== null && types.size <= 1) return this.#enumOf(schema, place);
    const chosen = variants.length > 0 ? variantType(this, schema, place) : null;
    if (chosen !== null) return chosen;
    if (types.size > 1) return this.#ofTypes(schema, place);
    const isObject = types.has('object') || (types.size === 0 && properties.size > 0);
    if (isObject && properties.size > 0) return this.objectOf(schema, place);
    if (types.has('array') || (types.size === 0 && items !== undefined)) return this.#listOf(schema, place);
    if (isObject || (types.size === 0 && additional !== null)) return this.#mapOf(schema, place);
    return (
      scalarType(schema, place.property, place.side) ??
      (types.size === 0 && schema.reason === null
        ? anyType('the contract declares no type')
        : jsonType(schema.reason ?? `the type ${[...types].join()} is unknown`))
    );
  }

  /** A schema with several JSON types. */
  #ofTypes(schema: FlatSchema, { side }: SchemaPlace): ImportedType {
    const { types } = schema;
    const names = [...types].join(' or ');
    if (!isScalarSchema(schema)) return jsonType(`the value is ${names}`);
    if (types.size === 2 && types.has('integer') && types.has('number'))
      return { kind: 'scalar', name: 'Float', raw: 'number' };
    return side === 'output' || types.has('string') ? mixedText() : jsonType(`the value is ${names}`);
  }

  #listOf({ items }: FlatSchema, place: SchemaPlace): ImportedType {
    const { type, schema } = this.read(items ?? {}, { ...place, hint: `${place.hint} Item` });
    return { kind: 'list', item: type, isItemNullable: schema.isNullable };
  }

  #mapOf({ additional }: FlatSchema, place: SchemaPlace): ImportedType {
    const { side } = place;
    if (additional === null || additional === true) return anyType('an object with any keys and values');
    const { type: value } = this.read(additional, { ...place, hint: `${place.hint} Value`, property: 'value' });
    if (value.kind === 'scalar' && value.name === 'JSON') {
      const reason = 'an object with any keys and values';
      return value.isByContract === true ? anyType(reason) : jsonType(value.reason ?? reason);
    }
    const base =
      value.kind === 'scalar'
        ? value.name
        : value.kind === 'list'
          ? `${place.hint}List`
          : value.name.replace(/Input$/, '');
    const key = `map ${side} ${JSON.stringify({ ...value, example: undefined })}`;
    const known = this.#known.get(key);
    const name = known?.name ?? this.names.take(typeName(`${base} Entry`) + (side === 'input' ? 'Input' : ''));
    if (known === undefined) {
      const field = (of: string, type: ImportedType): ImportedField => ({
        name: of,
        property: of,
        type,
        isRequired: true,
        description: null,
        deprecated: false,
      });
      const fields = [field('key', { kind: 'scalar', name: 'String', raw: 'text' }), field('value', value)];
      const description = 'One entry of a map.';
      const entry: Definition =
        side === 'output'
          ? { kind: 'object', name, description, fields, isMade: true }
          : { kind: 'input', name, description, fields, isOneOf: false, isMade: true };
      this.#known.set(key, entry);
      this.add(entry);
    }
    return { kind: 'map', name, value };
  }

  /** The type of the files of multipart bodies. */
  #file(): ImportedType {
    const known = this.#known.get('file');
    if (known !== undefined) return { kind: 'object', name: known.name };
    const text = (name: string, example: string, description: string): ImportedField => ({
      name,
      property: name,
      type: { kind: 'scalar', name: 'String', raw: 'text', example },
      isRequired: false,
      description,
      deprecated: false,
    });
    const content: ImportedType = { kind: 'scalar', name: 'Base64', raw: 'text' };
    const definition: Definition = {
      kind: 'input',
      name: this.names.take('FileInput', 'UploadInput'),
      description: 'A file of a request.',
      fields: [
        { ...text('content', '', 'Content as base64.'), type: content, isRequired: true },
        text('name', 'file.bin', 'Name without a folder. Default: file.'),
        text('type', 'application/octet-stream', 'Media type. Default: application/octet-stream.'),
      ],
      isOneOf: false,
      isFile: true,
      isMade: true,
    };
    this.#known.set('file', definition);
    this.add(definition);
    return { kind: 'object', name: definition.name };
  }

  #enumOf(schema: FlatSchema, place: SchemaPlace): ImportedType {
    const values = (schema.values ?? []).filter((value) => typeof value === 'string' || typeof value === 'number');
    const [type] = schema.types;
    const texts = values.filter((value) => typeof value === 'string' && value !== '').map(String);
    const isText = type === 'string' || (type === undefined && texts.length === values.length);
    if (!isText || texts.length === 0) {
      const types = schema.types.size > 0 ? schema.types : new Set((schema.values ?? []).map((value) => typeof value));
      return (
        scalarType({ ...schema, types }, place.property, place.side) ??
        jsonType('the contract declares values of several types')
      );
    }
    // A constant is no choice, and its field is text.
    if (texts.length === 1) return { kind: 'scalar', name: 'String', raw: 'text', example: texts[0] };
    const key = `enum ${schema.ref ?? place.property} ${texts.join('|')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return { kind: 'enum', name: known.name };
    const [own, ...others] = hintOf(schema, { ...place, side: 'output' });
    const name = this.names.take(own, ...others, `${own}Enum`);
    const pool = namePool();
    const definition: Definition = {
      kind: 'enum',
      name,
      description: schema.ref === null ? null : schema.description,
      values: [...new Set(texts)].map((value) => ({ name: pool.take(enumValueName(value)), value })),
    };
    this.#known.set(key, definition);
    this.add(definition);
    return { kind: 'enum', name };
  }

  define(
    schema: FlatSchema,
    place: SchemaPlace,
    create: (name: string) => Definition,
  ): { readonly definition: Definition; readonly isNew: boolean } {
    const key = `${place.side}${place.files === undefined ? '' : ' with files'} ${schema.ref}`;
    const known = schema.ref === null ? undefined : this.#known.get(key);
    if (known !== undefined) return { definition: known, isNew: false };
    const definition = create(this.names.take(...hintOf(schema, place)));
    if (schema.ref !== null) this.#known.set(key, definition);
    this.add(definition);
    return { definition, isNew: true };
  }

  objectOf(schema: FlatSchema, place: SchemaPlace): ImportedType {
    const { definition, isNew } = this.define(schema, place, (name) => {
      const description = schema.ref === null ? null : schema.description;
      return place.side === 'output'
        ? { kind: 'object', name, description, fields: [] }
        : { kind: 'input', name, description, fields: [], isOneOf: false };
    });
    // The definition is known before its fields are read: they may refer to it.
    if (isNew && (definition.kind === 'object' || definition.kind === 'input'))
      this.#addFields(definition, schema, place);
    if (isNew ? isEmpty(definition) : this.#empty.has(definition)) return this.discard(definition);
    return { kind: 'object', name: definition.name };
  }

  discard(definition: Definition): ImportedType {
    this.#empty.add(definition);
    return jsonType(`${definition.name} has no properties on this side of a call`);
  }

  #addFields(definition: ObjectDefinition | InputDefinition, schema: FlatSchema, place: SchemaPlace): void {
    const { side, files } = place;
    const pool = namePool();
    for (const [property, of] of schema.properties) {
      const flat = flatten(this.contract, of);
      if (side === 'output' ? flat.isWriteOnly : flat.isReadOnly) continue;
      if (property === '' || /^__/.test(fieldName(property))) continue;
      const hint = `${definition.name.replace(/Input$/, '')} ${property}`;
      definition.fields.push({
        name: pool.take(fieldName(property)),
        property,
        type: this.typeOf(flat, { side, hint, property, ...(files?.has(property) ? { files } : {}) }),
        isRequired:
          schema.required.has(property) && !flat.isNullable && (side === 'output' || flat.defaultValue === undefined),
        description: flat.description,
        deprecated: flat.isDeprecated && (side === 'output' || !schema.required.has(property)),
      });
    }
  }
}

/** Creates a reader of the schemas of a contract. Types do not get the names in `taken`. */
export const contractTypes = (contract: Contract, taken: Iterable<string> = []): TypeReader =>
  new Reader(contract, taken);
