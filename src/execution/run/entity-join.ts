import type { RequestedKey } from '../../backend/bind/key-loader.ts';
import { propertyOf } from '../../core/property.ts';
import type { Field, Join, ModuleFields, ResultObject, RowGroup, Selection, Shape } from '../plan/plan.ts';
import { type Descend, FieldExecution } from './field-execution.ts';
import { FieldFailure, isAbsence, noSuchEntity } from './field-failure.ts';
import { needsNoDecision, type PlanExecution } from './plan-execution.ts';
import { isPlain, withValues } from './values.ts';

/** Rows of a row group, with their values in one module. */
interface JoinedRows {
  readonly values: readonly unknown[];
  readonly results: readonly ResultObject[];
  /** Index of each row in the row group; null if all rows are present. */
  readonly indexes: readonly number[] | null;
}

/** Marks a row without an entity. */
const MISSING = Symbol('no entity');

/** Drops the rows for which no entity was found. */
const withoutMissing = (values: readonly unknown[], { results, indexes }: Omit<JoinedRows, 'values'>): JoinedRows => {
  if (!values.includes(MISSING)) return { values, results, indexes };
  const present = values.flatMap((value, index) => (value === MISSING ? [] : [index]));
  return {
    values: present.map((index) => values[index]),
    results: present.flatMap((index): readonly ResultObject[] | ResultObject => results[index] ?? []),
    indexes: present.map((index) => indexes?.[index] ?? index),
  };
};

/**
 * Returns a join input as a client would see it. A failed item of a list is null, or fails the list if items are
 * non-null. Throws the error of a failed value.
 */
const clientValue = (shape: Shape, value: unknown): unknown => {
  if (value instanceof FieldFailure) throw value.error;
  if (shape.is !== 'list' || !Array.isArray(value)) return value;
  return value.map((item) => {
    try {
      return clientValue(shape.item, item);
    } catch (error) {
      if (shape.item.nonNull) throw error;
      return null;
    }
  });
};

/** Returns the property if it can be used without completion (no promise, function or conversion), else undefined. */
const plainValue = (row: unknown, name: string, isUnchanged: (value: unknown) => boolean): unknown => {
  try {
    const value = isPlain(row) ? propertyOf(row, name) : undefined;
    return isUnchanged(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The entity of a module without a loader: its join input is the row. A root type has no row, below the root as at the
 * root.
 */
const inputAsEntity = ({ inputs }: Join, input: ResultObject): unknown => (inputs.length === 0 ? undefined : input);

/**
 * Sets the join input on an entity that was loaded. The input wins over the backend's values: a backend may format a
 * key differently.
 */
const withInput = (join: Join, row: unknown, input: ResultObject): unknown => {
  for (const { name } of join.inputs)
    if (propertyOf(Object(row), name) !== input[name]) return withValues(Object(row), input);
  return row;
};

/** Joins rows with the entities of other modules. Each join starts as soon as its input fields are known. */
export class EntityJoin {
  readonly #execution: PlanExecution;
  readonly #selection: Selection;
  readonly #descend: Descend;
  readonly #group: RowGroup;
  /** Values of join inputs, by field name and row. */
  readonly #inputValues = new Map<string, unknown[]>();
  /** Fields that the caller may have, by join. */
  readonly #admitted: (readonly Field[])[];
  /** Number of input fields that are not known yet, by join. */
  readonly #missingInputs: number[];
  /** The error shared by all dangling references of the row group. */
  #notFound: Error | null = null;

  constructor(execution: PlanExecution, selection: Selection, descend: Descend, group: RowGroup) {
    this.#execution = execution;
    this.#selection = selection;
    this.#descend = descend;
    this.#group = group;
    this.#admitted = selection.joins.map(({ fields }) => fields);
    this.#missingInputs = selection.joins.map(({ inputs }) => inputs.length);
  }

  execute(): void {
    const { own, joins } = this.#selection;
    const { values, results, arePlainFieldsSet } = this.#group;
    for (const field of arePlainFieldsSet ? own.otherFields : own.fields)
      this.#fieldExecution(field).execute(values, results);
    const guarded: { readonly index: number; readonly field: Field }[] = [];
    for (const { index, fields } of joins)
      for (const field of fields) if (!needsNoDecision(field)) guarded.push({ index, field });
    this.#decide(guarded);
  }

  #fieldExecution(field: Field, onComplete: (() => void) | null = null): FieldExecution {
    return new FieldExecution(this.#execution, field, this.#descend, onComplete);
  }

  /** Decides on each guarded field in turn, before any join is started for it. */
  #decide([next, ...others]: readonly { readonly index: number; readonly field: Field }[]): void {
    if (next === undefined) {
      this.#readInputs(this.#selection.own, this.#group.values, null);
      // A join to a root type has no key, so that no input starts it.
      for (const join of this.#selection.joins) if (join.inputs.length === 0 && this.#isNeeded(join)) this.#start(join);
      return;
    }
    const { index, field } = next;
    this.#execution.decide(field, (refusal) => {
      if (refusal !== null) {
        for (const result of this.#group.results) result[field.key] = this.#execution.fail(field, refusal);
        this.#admitted[index] = this.#admitted[index]?.filter((allowed) => allowed !== field) ?? [];
      }
      this.#decide(others);
    });
  }

  /** Executes the fields that a join provides. */
  #executeJoined(join: Join, { values, results }: JoinedRows): void {
    let arePlainFieldsSet = true;
    results.forEach((result, at) => {
      this.#execution.takeTurn();
      arePlainFieldsSet = join.copyPlainFields(values[at], result) && arePlainFieldsSet;
    });
    const admitted = this.#admitted[join.index] ?? [];
    for (const field of arePlainFieldsSet ? join.otherFields : join.fields)
      if (admitted.includes(field)) this.#fieldExecution(field).execute(values, results);
  }

  /** Reads the join inputs that a required join needs. `indexes` has the positions of the rows, or null for all rows. */
  #readInputs({ hidden }: ModuleFields, values: readonly unknown[], indexes: readonly number[] | null): void {
    for (const field of hidden)
      if (field.joins?.some((join) => this.#isNeeded(join))) this.#readInput(field, values, indexes);
  }

  #readInput(field: Field, values: readonly unknown[], indexes: readonly number[] | null): void {
    if (this.#readPlain(field, values, indexes)) {
      this.#onInputRead(field);
      return;
    }
    const results = values.map((): ResultObject => ({}));
    const onComplete = (): void => {
      const read = this.#valuesOf(field.key);
      for (const [index, result] of results.entries()) read[indexes?.[index] ?? index] = result[field.key];
      this.#onInputRead(field);
    };
    this.#fieldExecution(field, onComplete).execute(values, results);
  }

  /** Reads a plain property of all rows. Returns false if a row needs completion. */
  // perf: P11
  #readPlain(
    { key, name, read: { is }, shape }: Field,
    values: readonly unknown[],
    indexes: readonly number[] | null,
  ): boolean {
    if (is !== 'property' || shape.is !== 'leaf' || shape.isUnchanged === null) return false;
    const read = this.#valuesOf(key);
    for (let index = 0; index < values.length; index += 1) {
      this.#execution.takeTurn();
      const value = plainValue(values[index], name, shape.isUnchanged);
      if (value === undefined) return false;
      read[indexes?.[index] ?? index] = value;
    }
    return true;
  }

  #valuesOf(name: string): unknown[] {
    const known = this.#inputValues.get(name);
    if (known !== undefined) return known;
    const read: unknown[] = [];
    this.#inputValues.set(name, read);
    return read;
  }

  #isNeeded({ index, hidden }: Join): boolean {
    if ((this.#admitted[index]?.length ?? 0) > 0) return true;
    return hidden.some(({ joins }) => joins?.some((join) => this.#isNeeded(join)));
  }

  #onInputRead({ joins }: Field): void {
    for (const join of joins ?? []) {
      const missing = (this.#missingInputs[join.index] ?? 0) - 1;
      this.#missingInputs[join.index] = missing;
      if (missing === 0 && this.#isNeeded(join)) this.#start(join);
    }
  }

  #start(join: Join): void {
    const { load, module } = join;
    if (load === null) {
      this.#continue(
        join,
        this.#mapInputs(join, (input) => inputAsEntity(join, input)),
      );
      return;
    }
    const keys = this.#execution.backend(module).loaders[load.loader]?.keys;
    if (keys === undefined) throw new Error(`${module.module.name} has no loader "${load.loader}".`);
    const requested: RequestedKey[] = [];
    const rows = this.#mapInputs(join, (input) => {
      requested.push(keys.request(load.keyOf(input)));
      return input;
    });
    this.#execution.addPending();
    keys.whenLoaded(requested, () =>
      this.#execution.resume(() => this.#continue(join, this.#entities(join, rows, requested))),
    );
  }

  /** Returns the entities that were found. The values of `rows` are the join inputs. */
  #entities(join: Join, rows: JoinedRows, requested: readonly RequestedKey[]): JoinedRows {
    const found: unknown[] = [];
    rows.results.forEach((result, index) => {
      found.push(
        this.#entityOf(join, rows.values[index], requested[index]?.value, result, rows.indexes?.[index] ?? index),
      );
    });
    return withoutMissing(found, rows);
  }

  #entityOf(join: Join, input: unknown, row: unknown, result: ResultObject, at: number): unknown {
    try {
      if (row === null || row === undefined || isAbsence(row)) this.#setMissing(join, result, at);
      else if (row instanceof Error) this.#setFailed(join, result, at, row);
      else return withInput(join, row, Object(input));
    } catch (error) {
      this.#setFailed(join, result, at, error);
    }
    return MISSING;
  }

  #continue(join: Join, rows: JoinedRows): void {
    this.#executeJoined(join, rows);
    this.#readInputs(join, rows.values, rows.indexes);
  }

  /** Maps each row's join input with `make`. Rows with an incomplete key are dropped. */
  #mapInputs(join: Join, make: (input: ResultObject) => unknown): JoinedRows {
    const values: unknown[] = [];
    this.#group.results.forEach((result, at) => {
      values.push(this.#mapInput(join, make, result, at));
    });
    return withoutMissing(values, { results: this.#group.results, indexes: null });
  }

  #mapInput(join: Join, make: (input: ResultObject) => unknown, result: ResultObject, at: number): unknown {
    try {
      const input = this.#inputOf(join, at);
      if (input !== null) return make(input);
      this.#setMissing(join, result, at);
    } catch (error) {
      this.#setFailed(join, result, at, error);
    }
    return MISSING;
  }

  /** Returns the join input of a row, or null if a key field is null. Throws the error of an input that failed. */
  #inputOf({ inputs }: Join, at: number): ResultObject | null {
    const input: ResultObject = {};
    for (const { name, shape, parse, isKey } of inputs) {
      const parsed = parse(clientValue(shape, this.#inputValues.get(name)?.[at])) ?? null;
      if (parsed === null && isKey) return null;
      input[name] = parsed;
    }
    return input;
  }

  /** Completes the fields of a row without an entity: null, or NOT_FOUND in a non-null field. */
  #setMissing(join: Join, result: ResultObject, at: number): void {
    this.#setAll(join, result, at, (field) => {
      if (!field.shape.nonNull) return null;
      this.#notFound ??= noSuchEntity();
      return this.#execution.fail(field, this.#notFound);
    });
  }

  #setFailed(join: Join, result: ResultObject, at: number, error: unknown): void {
    this.#setAll(join, result, at, (field) => this.#execution.fail(field, error));
  }

  #setAll(join: Join, result: ResultObject, at: number, value: (field: Field) => unknown): void {
    for (const field of this.#admitted[join.index] ?? []) result[field.key] = value(field);
    for (const field of join.hidden) this.#valuesOf(field.key)[at] = value(field);
  }
}
