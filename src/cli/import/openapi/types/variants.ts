import type { ImportedType, UnionMember } from '../../imported-graph.ts';
import { type Json, jsonIn, textIn } from '../../json.ts';
import { fieldName, namePool } from '../../names/names.ts';
import { type FlatSchema, flatten } from './flat-schema.ts';
import { anyType, isScalarSchema, jsonType, mixedText } from './scalar-types.ts';
import type { SchemaPlace, TypeReader } from './type-reading.ts';

/** True for a member that only restricts: it lists required properties, or excludes values. */
const isConstraint = ({ types, properties, values, variants, items, additional, ref }: FlatSchema): boolean =>
  ref === null &&
  types.size === 0 &&
  properties.size === 0 &&
  values === null &&
  variants.length === 0 &&
  items === undefined &&
  additional === null;

const isEmptyText = ({ values }: FlatSchema): boolean => values?.every((value) => value === '') ?? false;

const isObject = ({ types, properties }: FlatSchema): boolean =>
  properties.size > 0 && (types.size === 0 || (types.size === 1 && types.has('object')));

const isList = ({ types, items }: FlatSchema): boolean =>
  types.has('array') || (types.size === 0 && items !== undefined);

/** The members of `oneOf` and `anyOf`, each once, those of inner lists included. */
const membersOf = (reader: TypeReader, schema: FlatSchema): FlatSchema[] => {
  const seen = new Set<unknown>();
  const members: FlatSchema[] = [];
  const add = (value: unknown): void => {
    const flat = flatten(reader.contract, value);
    const key = flat.ref ?? value;
    if (seen.has(key)) return;
    seen.add(key);
    if (flat.variants.length > 0 && flat.properties.size === 0 && flat.types.size === 0)
      for (const list of flat.variants) for (const inner of list) add(inner);
    else if (flat.types.size > 0 || flat.values === null || flat.values.length > 0) members.push(flat);
  };
  for (const list of schema.variants) for (const value of list) add(value);
  const real = members.filter(
    (member) =>
      !isConstraint(member) &&
      !(member.isNullable && member.types.size === 0 && member.ref === null && member.properties.size === 0),
  );
  const withText = real.filter((member) => !isEmptyText(member));
  return withText.length > 0 ? withText : real;
};

/** Constant texts of a property: of `const`, or of `enum`. */
const constantsOf = (reader: TypeReader, member: FlatSchema, property: string): readonly string[] | null => {
  if (!member.properties.has(property)) return null;
  const { values } = flatten(reader.contract, member.properties.get(property));
  return values !== null && values.length > 0 && values.every((value) => typeof value === 'string')
    ? values.map(String)
    : null;
};

type Guard = Omit<UnionMember, 'name'>;

const byDiscriminator = (members: readonly FlatSchema[], discriminator: Json | null): Guard[] | null => {
  const property = textIn(discriminator?.propertyName);
  if (property === null) return null;
  const mapping = Object.entries(jsonIn(discriminator?.mapping));
  return members.map(({ ref }) => {
    const values = mapping.flatMap(([value, target]) =>
      target === ref || `#/components/schemas/${String(target)}` === ref ? value : [],
    );
    const own = ref?.split('/').at(-1);
    return { property, values: values.length > 0 || own === undefined ? values : [own] };
  });
};

const byConstant = (reader: TypeReader, members: readonly FlatSchema[]): Guard[] | null => {
  for (const property of members[0]?.properties.keys() ?? []) {
    const constants = members.map((member) => constantsOf(reader, member, property));
    const all = constants.flatMap((values) => values ?? []);
    if (!constants.includes(null) && new Set(all).size === all.length)
      return constants.map((values) => ({ property, values }));
  }
  return null;
};

const byPresence = (members: readonly FlatSchema[]): Guard[] | null => {
  const guards = members.map((member): Guard => {
    const others = members.filter((other) => other !== member);
    const property = [...member.required].find(
      (name) => member.properties.has(name) && others.every(({ properties }) => !properties.has(name)),
    );
    return { property: property ?? null, values: null };
  });
  return guards.filter(({ property }) => property === null).length <= 1 ? guards : null;
};

/** How the rows of each member are recognised; null if they cannot be told apart. */
const guardsOf = (reader: TypeReader, members: readonly FlatSchema[], { discriminator }: FlatSchema): Guard[] | null =>
  byDiscriminator(members, discriminator) ?? byConstant(reader, members) ?? byPresence(members);

const nameOf = (type: ImportedType): string => ('name' in type ? type.name : 'item');

const unionOf = (
  reader: TypeReader,
  schema: FlatSchema,
  members: readonly FlatSchema[],
  place: SchemaPlace,
): ImportedType => {
  const guards = guardsOf(reader, members, schema);
  if (guards === null) return jsonType('the contract allows several objects, and no property tells them apart');
  const { definition, isNew } = reader.define(schema, place, (name) => ({
    kind: 'union',
    name,
    description: schema.ref === null ? null : schema.description,
    members: [],
  }));
  if (isNew && definition.kind === 'union') {
    const found = members.flatMap((member, at) => {
      const type = reader.objectOf(member, { ...place, hint: `${place.hint} ${at + 1}` });
      return type.kind === 'object' ? [{ name: type.name, ...(guards[at] ?? { property: null, values: null }) }] : [];
    });
    definition.members.push(
      ...found.filter(({ property }) => property !== null),
      ...found.filter(({ property }) => property === null),
    );
  }
  if (definition.kind === 'union' && definition.members.length === 0 && isNew) return reader.discard(definition);
  return { kind: definition.kind === 'union' ? 'union' : 'object', name: definition.name };
};

const oneOfInput = (
  reader: TypeReader,
  schema: FlatSchema,
  members: readonly FlatSchema[],
  place: SchemaPlace,
): ImportedType => {
  const { definition, isNew } = reader.define(schema, place, (name) => ({
    kind: 'input',
    name,
    description: schema.description,
    fields: [],
    isOneOf: true,
  }));
  if (isNew && definition.kind === 'input') {
    const pool = namePool();
    for (const [at, member] of members.entries()) {
      const type = reader.objectOf(member, { ...place, hint: `${place.hint} ${at + 1}` });
      if (type.kind !== 'object') continue;
      const label = fieldName(nameOf(type).replace(/Input$/, ''));
      const name = pool.take(label.charAt(0).toLowerCase() + label.slice(1));
      definition.fields.push({
        name,
        property: name,
        type,
        isRequired: false,
        description: member.description,
        deprecated: false,
      });
    }
  }
  if (definition.kind === 'input' && definition.fields.length === 0 && isNew) return reader.discard(definition);
  return { kind: 'object', name: definition.name };
};

const scalarsOf = (reader: TypeReader, members: readonly FlatSchema[], place: SchemaPlace): ImportedType => {
  const values = members.every((member) => member.values !== null)
    ? members.flatMap((member) => member.values ?? [])
    : null;
  const types = new Set(members.flatMap((member) => [...member.types]));
  const [first] = members;
  if (first === undefined) return anyType('the contract declares no type');
  if (types.size > 1 && values !== null) return mixedText();
  const formats = new Set(members.map(({ format }) => format));
  return reader.typeOf(
    { ...first, ref: null, types, values, format: formats.size === 1 ? first.format : null, variants: [] },
    place,
  );
};

/** The members as objects that also have the properties beside the list. */
const completed = (base: FlatSchema, members: readonly FlatSchema[]): FlatSchema[] =>
  base.properties.size === 0
    ? [...members]
    : members.map((member) => ({
        ...member,
        ref: null,
        properties: new Map([...base.properties, ...member.properties]),
        required: new Set([...base.required, ...member.required]),
      }));

const describe = (member: FlatSchema): string =>
  isObject(member) ? 'an object' : isList(member) ? 'a list' : [...member.types].join(' or ') || 'any value';

/** Type of a schema with `oneOf` or `anyOf`; null if they only restrict the schema. */
export const variantType = (reader: TypeReader, schema: FlatSchema, place: SchemaPlace): ImportedType | null => {
  const members = membersOf(reader, schema);
  const [first, second] = members;
  if (first === undefined)
    return schema.types.size > 0 || schema.properties.size > 0 ? null : anyType('the contract declares no type');
  const { side } = place;
  const objects = members.filter(isObject);
  const lists = members.filter(isList);
  const scalars = members.filter(isScalarSchema);
  if (second === undefined) {
    if (schema.properties.size > 0 && !isObject(first)) return null;
    return reader.typeOf(
      schema.properties.size > 0
        ? { ...(completed(schema, [first])[0] ?? first), ref: schema.ref }
        : { ...first, description: schema.description ?? first.description },
      place,
    );
  }
  if (scalars.length === members.length) return scalarsOf(reader, members, place);
  if (objects.length === members.length) {
    const all = completed(schema, members);
    return side === 'output' ? unionOf(reader, schema, all, place) : oneOfInput(reader, schema, all, place);
  }
  if (schema.properties.size > 0) return null;
  const isReference =
    side === 'output' &&
    scalars.length === 1 &&
    scalars[0]?.types.has('string') &&
    objects.length === members.length - 1;
  if (isReference && objects.every(({ properties }) => properties.has('id')))
    return { kind: 'scalar', name: 'ID', raw: 'reference' };
  if (lists.length === 1 && members.length === 2) {
    const list = reader.typeOf(lists[0] ?? first, place);
    const other = members.find((member) => !isList(member)) ?? first;
    const single = reader.typeOf(other, { ...place, hint: `${place.hint} Item` });
    if (
      list.kind === 'list' &&
      JSON.stringify({ ...list.item, example: undefined }) === JSON.stringify({ ...single, example: undefined })
    )
      return { ...list, single: true };
  }
  return jsonType(`the value is ${[...new Set(members.map(describe))].join(' or ')}`);
};
