import type { ScalarType } from '../../imported-graph.ts';
import type { FlatSchema } from './flat-schema.ts';

const MAX_INT = 2 ** 31 - 1;

/** Integer formats with values above GraphQL's Int. */
const LARGE = new Set(['int64', 'uint32', 'uint64', 'unix-time', 'timestamp', 'long']);

const isId = (property: string): boolean => /^_?id$/i.test(property) || /(_id|[a-z0-9]I[dD])$/.test(property);

export type Side = 'output' | 'input';

const integer = ({ format, maximum, example }: FlatSchema, property: string, side: Side): ScalarType => {
  // An id in a body is sent as the contract declares it: a number.
  if (isId(property) && side === 'output') return { kind: 'scalar', name: 'ID', raw: 'number' };
  const isLarge =
    (format !== null && LARGE.has(format) && (maximum === null || maximum > MAX_INT)) ||
    (maximum !== null && maximum > MAX_INT && format !== 'int32') ||
    (typeof example === 'number' && Math.abs(example) > MAX_INT) ||
    isId(property);
  return { kind: 'scalar', name: isLarge ? 'BigInt' : 'Int', raw: 'number' };
};

const text = ({ format }: FlatSchema, property: string): ScalarType => {
  if (format === 'date-time') return { kind: 'scalar', name: 'DateTime', raw: 'text' };
  if (format === 'date') return { kind: 'scalar', name: 'Date', raw: 'text' };
  return { kind: 'scalar', name: isId(property) ? 'ID' : 'String', raw: 'text' };
};

/** The scalar of a schema with one JSON type; null for other schemas. `property` is the name that has the value. */
export const scalarType = (schema: FlatSchema, property: string, side: Side): ScalarType | null => {
  const [type] = schema.types;
  const example = schema.example === undefined ? {} : { example: schema.example };
  if (schema.types.size !== 1) return null;
  if (type === 'string') return { ...text(schema, property), ...example };
  if (type === 'integer') return { ...integer(schema, property, side), ...example };
  if (type === 'number') return { kind: 'scalar', name: 'Float', raw: 'number', ...example };
  return type === 'boolean' ? { kind: 'scalar', name: 'Boolean', raw: 'boolean', ...example } : null;
};

/** The scalar JSON, for values that have a type of no other kind. */
export const jsonType = (reason: string): ScalarType => ({ kind: 'scalar', name: 'JSON', raw: 'any', reason });

/** The scalar JSON, for values of which the contract says nothing. */
export const anyType = (reason: string): ScalarType => ({ ...jsonType(reason), isByContract: true });

/** Text of several JSON types. */
export const mixedText = (): ScalarType => ({ kind: 'scalar', name: 'String', raw: 'mixed' });

const SCALAR_TYPES = new Set(['string', 'integer', 'number', 'boolean']);

/** True for a schema of scalars, of any number of types. */
export const isScalarSchema = ({ types, properties, variants }: FlatSchema): boolean =>
  types.size > 0 &&
  [...types].every((type) => SCALAR_TYPES.has(type)) &&
  properties.size === 0 &&
  variants.length === 0;
