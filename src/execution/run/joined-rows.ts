import { propertyOf } from '../../core/property.ts';
import type { Join, ResultObject } from '../plan/plan.ts';
import { isAbsence } from './field-failure.ts';
import { withValues } from './values.ts';

/** Rows of a row group, with their values in the module of a join: first their join inputs, then their entities. */
export interface JoinedRows {
  readonly values: readonly unknown[];
  readonly results: readonly ResultObject[];
  /** Index of each row in the row group; null if all rows are present. */
  readonly indexes: readonly number[] | null;
}

/** Stands for the entity of a row that has none. */
export const MISSING = Symbol('no entity');

/** Sets the values of rows, and drops the rows with the value MISSING. */
export const withoutMissing = (values: readonly unknown[], { results, indexes }: JoinedRows): JoinedRows => {
  if (!values.includes(MISSING)) return { values, results, indexes };
  const present = values.flatMap((value, at) => (value === MISSING ? [] : [at]));
  return {
    values: present.map((at) => values[at]),
    results: present.flatMap((at): readonly ResultObject[] | ResultObject => results[at] ?? []),
    indexes: present.map((at) => indexes?.[at] ?? at),
  };
};

/** The entity of a row in a module without a loader: its join input. A root type has no entity, as at the root. */
export const inputAsEntity = ({ inputs }: Join, input: ResultObject): unknown =>
  inputs.length === 0 ? undefined : input;

/**
 * The entity that a loader returned for a row, or MISSING. Its key and `needs` are set to the join input: a backend may
 * format a key differently. Throws an error that the loader returned.
 */
export const loadedEntity = ({ inputs }: Join, loaded: unknown, input: ResultObject): unknown => {
  if (loaded === null || loaded === undefined || isAbsence(loaded)) return MISSING;
  if (loaded instanceof Error) throw loaded;
  const isComplete = inputs.every(({ name }) => propertyOf(Object(loaded), name) === input[name]);
  return isComplete ? loaded : withValues(Object(loaded), input);
};
