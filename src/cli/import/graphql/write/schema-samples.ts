import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
} from 'graphql';
import type { ImportedSchema } from '../imported-schema.ts';
import { mappedScalar } from '../service-scalars.ts';

/** A value of the service, the selection that reads it, and the value that a client receives. */
export interface SchemaSample {
  readonly value: unknown;
  /** With a leading space; empty for a value without fields. */
  readonly selection: string;
  readonly expected: unknown;
}

const MAX_DEPTH = 3;
/** Fields in a selection, by depth. */
const FIELDS = [8, 4, 2, 1];

/** Values that the scalars of the gateway accept; other text is the name of the field. */
export const SCALAR_SAMPLES: Readonly<Record<string, unknown>> = {
  Base64: 'AAE=',
  BigInt: 1,
  Boolean: true,
  Date: '2024-01-02',
  DateTime: '2024-01-02T03:04:05.000Z',
  EmailAddress: 'a@example.com',
  Float: 1.5,
  ID: 'id-1',
  Int: 1,
  JSON: { any: 'value' },
  URL: 'https://example.com/',
  UUID: '7f3ecbd0-9a52-4a8f-8d3c-0d6d5d0f6f5a',
};

/** Makes sample values of a service; null where a type would be endless. */
export class SchemaSamples {
  readonly #schema: GraphQLSchema;
  readonly #names: ImportedSchema['names'];
  /** Fields that joins read in addition to the selection, by type. */
  readonly #keys: ReadonlyMap<string, string>;

  readonly #fieldName: ImportedSchema['fieldName'];

  constructor({ schema, names, loaders, fieldName }: ImportedSchema) {
    this.#fieldName = fieldName;
    this.#schema = schema;
    this.#names = names;
    this.#keys = new Map(loaders.map(({ type, key }) => [type, key]));
  }

  output(type: GraphQLOutputType, field: string, depth = 0): SchemaSample | null {
    const of = getNullableType(type);
    if (isListType(of)) {
      const item = this.output(of.ofType, field, depth);
      return item && { value: [item.value], selection: item.selection, expected: [item.expected] };
    }
    if (isScalarType(of)) {
      const { name } = mappedScalar(of);
      const value = SCALAR_SAMPLES[name] ?? field;
      return { value, selection: '', expected: value };
    }
    if (isEnumType(of)) {
      const value = of.getValues()[0]?.name;
      return { value, selection: '', expected: value };
    }
    if (isAbstractType(of)) {
      const [possible] = this.#schema.getPossibleTypes(of);
      const sample = possible && this.#object(possible, depth);
      if (possible === undefined || !sample) return null;
      const name = this.#names.get(possible.name) ?? possible.name;
      return {
        value: { __typename: possible.name, ...Object(sample.value) },
        selection: ` { __typename ... on ${name}${sample.selection} }`,
        expected: { __typename: name, ...Object(sample.expected) },
      };
    }
    return isObjectType(of) ? this.#object(of, depth) : null;
  }

  #object(type: GraphQLObjectType, depth: number): SchemaSample | null {
    if (depth > MAX_DEPTH) return null;
    const value: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    const selections: string[] = [];
    const key = this.#keys.get(type.name);
    for (const { name, type: of, args } of Object.values(type.getFields())) {
      if (name !== key && selections.length >= (FIELDS[depth] ?? 1)) continue;
      if (args.some(isRequiredArgument) || this.#isRoot(of)) continue;
      const sample = this.output(of, name, depth + 1);
      if (sample === null) continue;
      value[name] = sample.value;
      if (selections.length >= (FIELDS[depth] ?? 1)) continue;
      const own = this.#fieldName(type.name, name);
      selections.push(own + sample.selection);
      expected[own] = sample.expected;
    }
    if (selections.length > 0) return { value, selection: ` { ${selections.join(' ')} }`, expected };
    const name = this.#names.get(type.name) ?? type.name;
    return { value, selection: ' { __typename }', expected: { __typename: name } };
  }

  #isRoot(type: GraphQLOutputType): boolean {
    const of = getNullableType(type);
    return of === this.#schema.getQueryType() || of === this.#schema.getMutationType();
  }

  input(type: GraphQLInputType, field: string, depth = 0): unknown {
    const of = getNullableType(type);
    if (isListType(of)) return [this.input(of.ofType, field, depth)];
    if (isEnumType(of)) return of.getValues()[0]?.name;
    if (isInputObjectType(of)) {
      if (depth > MAX_DEPTH) return {};
      const all = Object.values(of.getFields());
      const fields = of.isOneOf ? all.slice(0, 1) : all.filter(isRequiredInputField);
      return Object.fromEntries(
        fields.map((one) => [this.#fieldName(of.name, one.name), this.input(one.type, one.name, depth + 1)]),
      );
    }
    return isScalarType(of) ? (SCALAR_SAMPLES[mappedScalar(of).name] ?? field) : null;
  }
}
