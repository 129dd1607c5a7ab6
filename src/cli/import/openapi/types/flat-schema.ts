import { isJsonRecord, type Json, jsonIn, listIn, numberIn, textIn } from '../../json.ts';
import type { Contract } from '../document/contract.ts';

/** A schema with its references followed and its `allOf` merged. */
export interface FlatSchema {
  /** Reference to the named schema that this one equals; null for an inline schema. */
  readonly ref: string | null;
  /** JSON types except `null`. */
  readonly types: ReadonlySet<string>;
  readonly isNullable: boolean;
  readonly properties: ReadonlyMap<string, unknown>;
  readonly required: ReadonlySet<string>;
  /** Schema of further properties; null if there is none. */
  readonly additional: unknown;
  readonly items: unknown;
  /** Values of `enum` and `const` except null; null if any value is allowed. */
  readonly values: readonly unknown[] | null;
  /** The lists of `oneOf` and `anyOf`. */
  readonly variants: readonly (readonly unknown[])[];
  readonly format: string | null;
  /** True for the content of a file: `format: binary`, or a media type without an encoding as text. */
  readonly isFile: boolean;
  /** Reason for a schema without a type, of an importer that has no contract. */
  readonly reason: string | null;
  readonly description: string | null;
  readonly isDeprecated: boolean;
  readonly isReadOnly: boolean;
  readonly isWriteOnly: boolean;
  readonly example: unknown;
  readonly defaultValue: unknown;
  readonly maximum: number | null;
  readonly discriminator: Json | null;
}

const typesOf = (schema: Json): string[] =>
  Array.isArray(schema.type)
    ? schema.type.map(String)
    : listIn([schema.type])
        .filter((type) => type !== undefined)
        .map(String);

const isAnything = (value: unknown): boolean =>
  value === true || (isJsonRecord(value) && Object.keys(value).length === 0);

const ownPart = (schema: Json, ref: string | null): FlatSchema => {
  const types = typesOf(schema);
  const values = 'const' in schema ? [schema.const] : Array.isArray(schema.enum) ? listIn(schema.enum) : null;
  const patterns = Object.values(jsonIn(schema.patternProperties));
  const additional = schema.additionalProperties ?? patterns[0];
  return {
    ref,
    types: new Set(types.filter((type) => type !== 'null')),
    isNullable: types.includes('null') || schema.nullable === true || (values?.includes(null) ?? false),
    properties: new Map(Object.entries(jsonIn(schema.properties))),
    required: new Set(listIn(schema.required).map(String)),
    additional: isAnything(additional) || isJsonRecord(additional) ? additional : null,
    items: schema.items ?? listIn(schema.prefixItems)[0],
    values: values?.filter((value) => value !== null) ?? null,
    variants: [schema.oneOf, schema.anyOf].map(listIn).filter((list) => list.length > 0),
    format: textIn(schema.format),
    isFile: schema.format === 'binary' || ('contentMediaType' in schema && !('contentEncoding' in schema)),
    reason: textIn(schema['x-reason']),
    description: textIn(schema.description) ?? textIn(schema.title),
    isDeprecated: schema.deprecated === true,
    isReadOnly: schema.readOnly === true,
    isWriteOnly: schema.writeOnly === true,
    example: schema.example ?? listIn(schema.examples)[0],
    defaultValue: schema.default,
    maximum: numberIn(schema.maximum) ?? numberIn(schema.exclusiveMaximum),
    discriminator: isJsonRecord(schema.discriminator) ? schema.discriminator : null,
  };
};

/** True if a schema adds nothing to the one with which it is merged, except texts. */
const isPlain = ({ types, properties, items, values, variants, additional }: FlatSchema): boolean =>
  types.size === 0 &&
  properties.size === 0 &&
  items === undefined &&
  values === null &&
  variants.length === 0 &&
  additional === null;

const merged = (one: FlatSchema, other: FlatSchema): FlatSchema => ({
  // A reference with texts of its own is still the named schema.
  ref: isPlain(one) ? (other.ref ?? one.ref) : isPlain(other) ? one.ref : null,
  types: one.types.size === 0 ? other.types : one.types,
  isNullable: one.isNullable || other.isNullable,
  properties: new Map([...one.properties, ...other.properties]),
  required: new Set([...one.required, ...other.required]),
  additional: one.additional ?? other.additional,
  items: one.items ?? other.items,
  values: one.values ?? other.values,
  variants: [...one.variants, ...other.variants],
  format: one.format ?? other.format,
  isFile: one.isFile || other.isFile,
  reason: one.reason ?? other.reason,
  description: one.description ?? other.description,
  isDeprecated: one.isDeprecated || other.isDeprecated,
  isReadOnly: one.isReadOnly || other.isReadOnly,
  isWriteOnly: one.isWriteOnly || other.isWriteOnly,
  example: one.example ?? other.example,
  defaultValue: one.defaultValue ?? other.defaultValue,
  maximum: one.maximum ?? other.maximum,
  discriminator: one.discriminator ?? other.discriminator,
});

/** Flattens a schema. A schema that contains itself by `allOf` contributes once. */
export const flatten = (contract: Contract, schema: unknown, above: ReadonlySet<unknown> = new Set()): FlatSchema => {
  const { value, ref } = contract.follow(schema);
  if (above.has(value)) return ownPart({}, null);
  const beside = jsonIn(schema);
  // OpenAPI 3.1 allows texts next to a reference.
  const texts =
    ref === null ? {} : { description: beside.description, deprecated: beside.deprecated, default: beside.default };
  let flat = ownPart(
    { ...value, ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)) },
    ref,
  );
  const inner = new Set(above).add(value);
  const named = ref;
  for (const part of listIn(value.allOf)) {
    const other = flatten(contract, part, inner);
    // The discriminator of a base type is about its own subtypes, and the base lists them.
    flat = merged(flat, {
      ...other,
      discriminator: null,
      variants: other.discriminator === null ? other.variants : [],
    });
  }
  return { ...flat, ref: named ?? flat.ref };
};
