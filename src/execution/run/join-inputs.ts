import { propertyOf } from '../../core/property.ts';
import type { Field, Join, JoinInput, ResultObject, Shape } from '../plan/plan.ts';
import { type Descend, FieldExecution } from './field-execution.ts';
import { FieldFailure, isAbsence } from './field-failure.ts';
import type { PlanExecution } from './plan-execution.ts';
import { isPlain, withValues } from './values.ts';

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

/**
 * The entity that a loader returned for a row, or MISSING. Its key and `needs` are set to the join input: a backend may
 * format a key differently. Throws an error that the loader returned.
 */
export const loadedEntity = ({ inputs, load }: Join, loaded: unknown, input: unknown): unknown => {
  if (loaded === null || loaded === undefined || isAbsence(loaded)) return MISSING;
  if (loaded instanceof Error) throw loaded;
  for (const { name } of inputs) {
    const value = load?.hasBareKey ? input : propertyOf(Object(input), name);
    if (propertyOf(Object(loaded), name) !== value)
      return withValues(Object(loaded), load?.hasBareKey ? { [name]: input } : Object(input));
  }
  return loaded;
};

/**
 * Returns a join input as a client would see it. A failed item of a list, or a failed field of an object, is null, or
 * fails the list or object if it must not be null. Throws the error of a failed value.
 */
const clientValue = (shape: Shape, value: unknown): unknown => {
  if (value instanceof FieldFailure) throw value.error;
  if (shape.is === 'list' && Array.isArray(value)) return value.map((item) => orNull(shape.item, item));
  if (shape.is !== 'object' || value === null) return value;
  const result = value as ResultObject; // made by `complete`
  const parts = [...shape.selection.answers].map(([key, answer]) => [
    key,
    typeof answer === 'string' ? answer : orNull(answer.shape, result[key]),
  ]);
  return Object.fromEntries(parts);
};

/** Returns a part of a join input: null for a failed value, unless it must not be null. */
const orNull = (shape: Shape, value: unknown): unknown => {
  try {
    return clientValue(shape, value);
  } catch (error) {
    if (shape.nonNull) throw error;
    return null;
  }
};

/** True if the field has rows with fields of their own, which are executed after the field. */
const hasRowsBelow = (shape: Shape): boolean => (shape.is === 'list' ? hasRowsBelow(shape.item) : shape.is !== 'leaf');

/** Returns the property if it can be used without completion (no promise, function or conversion), else undefined. */
const plainValue = (row: unknown, name: string, isUnchanged: (value: unknown) => boolean): unknown => {
  try {
    const value = isPlain(row) ? propertyOf(row, name) : undefined;
    return isUnchanged(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** The join inputs of one row group: read field by field, and passed to the joins row by row. */
export class JoinInputs {
  readonly #execution: PlanExecution;
  readonly #descend: Descend;
  readonly #onComplete: (join: Join) => void;
  /** Values by key of the field and index of the row in its group. */
  readonly #values = new Map<string, unknown[]>();
  /** Number of input fields that are not read yet, by join. */
  readonly #missing: number[];

  /** `onComplete` is called with a join once all its input fields are read. */
  constructor(execution: PlanExecution, joins: readonly Join[], descend: Descend, onComplete: (join: Join) => void) {
    this.#execution = execution;
    this.#descend = descend;
    this.#onComplete = onComplete;
    this.#missing = joins.map(({ inputs }) => inputs.length);
  }

  /** Reads an input field of rows. Rows without an entity are not among them and have their value from `set`. */
  read(field: Field, rows: JoinedRows): void {
    if (this.#readPlain(field, rows)) {
      this.#onRead(field);
      return;
    }
    const { values, indexes } = rows;
    const results = values.map((): ResultObject => ({}));
    const onComplete = (): void => {
      const read = this.#valuesOf(field);
      for (const [at, result] of results.entries()) read[indexes?.[at] ?? at] = result[field.key];
      this.#onRead(field);
    };
    const { shape } = field;
    if (!hasRowsBelow(shape)) {
      new FieldExecution(this.#execution, field, this.#descend, onComplete).execute(values, results);
      return;
    }
    // The rows below are part of the value, so that it is complete once they are.
    this.#execution.separately(
      (execution) => new FieldExecution(execution, field, this.#descend).execute(values, results),
      onComplete,
    );
  }

  /** Sets an input field of one row without reading it. */
  set(field: Field, index: number, value: unknown): void {
    this.#valuesOf(field)[index] = value;
  }

  /**
   * Returns the join input of a row: an object, or the bare key. Null if a key field is null. Throws the error of an input
   * that failed.
   */
  inputOf({ inputs, load }: Join, index: number): unknown {
    const [key] = inputs;
    if (load?.hasBareKey && key !== undefined) return this.#valueOf(key, index);
    const input: ResultObject = {};
    for (const one of inputs) {
      const value = this.#valueOf(one, index);
      if (value === null && one.isKey) return null;
      input[one.name] = value;
    }
    return input;
  }

  #valueOf({ key, shape, parse }: JoinInput, index: number): unknown {
    return parse(clientValue(shape, this.#values.get(key)?.[index])) ?? null;
  }

  /** Reads a plain property of all rows. Returns false if a row needs completion. */
  // perf: P11
  #readPlain(field: Field, { values, indexes }: JoinedRows): boolean {
    const { name, read, shape } = field;
    if (read.is !== 'property' || shape.is !== 'leaf' || shape.isUnchanged === null) return false;
    const known = this.#valuesOf(field);
    for (let at = 0; at < values.length; at += 1) {
      this.#execution.takeTurn();
      const value = plainValue(values[at], name, shape.isUnchanged);
      if (value === undefined) return false;
      known[indexes?.[at] ?? at] = value;
    }
    return true;
  }

  #valuesOf({ key }: Field): unknown[] {
    const known = this.#values.get(key) ?? [];
    this.#values.set(key, known);
    return known;
  }

  #onRead({ joins }: Field): void {
    for (const join of joins ?? []) {
      const missing = (this.#missing[join.index] ?? 0) - 1;
      this.#missing[join.index] = missing;
      if (missing === 0) this.#onComplete(join);
    }
  }
}
