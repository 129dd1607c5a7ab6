import type { StandardSchemaV1 } from '@standard-schema/spec';
import { z } from 'zod';

/** Uses of a schema before it is compiled. One that is made for a single call is never compiled. */
export const USES_BEFORE_CODE = 100;

const { major, minor, patch } = z.core.version;

/** True for a schema of the zod that this gateway has. A module outside this repository may have another. */
const isOwnZod = (schema: StandardSchemaV1): schema is StandardSchemaV1 & z.core.$ZodType => {
  if (!(schema instanceof z.core.$ZodType)) return false;
  const { version } = schema._zod;
  return version.major === major && version.minor === minor && version.patch === patch;
};

interface Uses {
  count: number;
  validator: StandardSchemaV1;
}

const known = new WeakMap<StandardSchemaV1, Uses>();

/**
 * Returns the validator to use for a schema: itself, or its compiled form once it was used often. Both return equal
 * values and issues, because the compiled form passes each value that does not fit to the schema. Its refinements and
 * transforms run twice for such a value.
 */
// perf: P14
export const compiledValidator = (schema: StandardSchemaV1): StandardSchemaV1 => {
  const uses = known.get(schema);
  if (uses === undefined) {
    known.set(schema, { count: 1, validator: schema });
    return schema;
  }
  uses.count += 1;
  if (uses.count === USES_BEFORE_CODE && isOwnZod(schema)) uses.validator = z.compile(schema);
  return uses.validator;
};
