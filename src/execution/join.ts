import type { Wanted } from '../backend/keys.ts';
import { propertyOf } from '../backend/property.ts';
import { type Descend, FieldExecution } from './column.ts';
import { Failure, isAbsence, noSuchEntity } from './failure.ts';
import { isPlain, withValues } from './plain.ts';
import type { Field, Join, ModuleFields, ResultObject, RowGroup, Selection, Shape } from './plan.ts';
import { needsNoDecision, type PlanExecution } from './run.ts';

/** Rows of a row group as one module knows them. */
interface Known {
  readonly values: readonly unknown[];
  readonly results: readonly ResultObject[];
  /** Index of each row in the row group; null if all rows are present. */
  readonly at: readonly number[] | null;
}

/** Marks a row without an entity. */
const NOTHING = Symbol('no entity');

/** Drops the rows for which no entity was found. */
const goingOn = (values: readonly unknown[], { results, at }: Omit<Known, 'values'>): Known => {
  if (!values.includes(NOTHING)) return { values, results, at };
  const left = values.flatMap((value, one) => (value === NOTHING ? [] : [one]));
  return {
    values: left.map((one) => values[one]),
    results: left.flatMap((one): readonly ResultObject[] | ResultObject => results[one] ?? []),
    at: left.map((one) => at?.[one] ?? one),
  };
};

/**
 * Returns a join input as a client would see it. A failed item of a list is null, or fails the list if items are
 * non-null. Throws the error of a failed value.
 */
const seen = (shape: Shape, value: unknown): unknown => {
  if (value instanceof Failure) throw value.error;
  if (shape.is !== 'list' || !Array.isArray(value)) return value;
  return value.map((item) => {
    try {
      return seen(shape.item, item);
    } catch (error) {
      if (shape.item.nonNull) throw error;
      return null;
    }
  });
};

/** Returns the property if it can be used without completion (no promise, function or conversion), else undefined. */
const atSight = (row: unknown, name: string, isUnchanged: (value: unknown) => boolean): unknown => {
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
const entityOf = ({ inputs: [single], hasSingleInput }: Join, input: unknown): unknown => {
  if (single === undefined) return undefined;
  return hasSingleInput ? { [single.name]: input } : input;
};

/**
 * Sets the join input on an entity that was loaded. The input wins over the backend's values: a backend may format a
 * key differently.
 */
const entity = (join: Join, row: unknown, input: unknown): unknown => {
  for (const { name } of join.inputs)
    if (propertyOf(Object(row), name) !== (join.hasSingleInput ? input : propertyOf(Object(input), name)))
      return withValues(Object(row), Object(entityOf(join, input)));
  return row;
};

/** Joins rows with the entities of other modules. Each join starts as soon as its input fields are known. */
export class Place {
  readonly #execution: PlanExecution;
  readonly #selection: Selection;
  readonly #descend: Descend;
  readonly #group: RowGroup;
  /** Values of join inputs, by field name and row. */
  readonly #read = new Map<string, unknown[]>();
  /** Fields that the caller may have, by join. */
  readonly #admitted: (readonly Field[])[];
  /** Number of input fields that are not known yet, by join. */
  readonly #missing: number[];
  /** The error shared by all dangling references of the row group. */
  #notFound: Error | null = null;

  constructor(execution: PlanExecution, selection: Selection, descend: Descend, group: RowGroup) {
    this.#execution = execution;
    this.#selection = selection;
    this.#descend = descend;
    this.#group = group;
    this.#admitted = selection.joins.map(({ fields }) => fields);
    this.#missing = selection.joins.map(({ inputs }) => inputs.length);
  }

  execute(): void {
    const { own, joins } = this.#selection;
    const { values, results, arePlainFieldsSet } = this.#group;
    for (const field of arePlainFieldsSet ? own.otherFields : own.fields)
      this.#fieldExecution(field).execute(values, results);
    const guarded: { readonly at: number; readonly field: Field }[] = [];
    for (const { at, fields } of joins)
      for (const field of fields) if (!needsNoDecision(field)) guarded.push({ at, field });
    this.#decide(guarded);
  }

  #fieldExecution(field: Field, onComplete: (() => void) | null = null): FieldExecution {
    return new FieldExecution(this.#execution, field, this.#descend, onComplete);
  }

  /** Decides on each guarded field in turn, before any join is started for it. */
  #decide([next, ...others]: readonly { readonly at: number; readonly field: Field }[]): void {
    if (next === undefined) {
      this.#readHidden(this.#selection.own, this.#group.values, null);
      // A join to a root type has no key, so that no input starts it.
      for (const join of this.#selection.joins) if (join.inputs.length === 0 && this.#isWanted(join)) this.#join(join);
      return;
    }
    const { at, field } = next;
    this.#execution.decide(field, (refusal) => {
      if (refusal !== null) {
        for (const result of this.#group.results) result[field.key] = this.#execution.fail(field, refusal);
        this.#admitted[at] = this.#admitted[at]?.filter((one) => one !== field) ?? [];
      }
      this.#decide(others);
    });
  }

  /** Executes the fields that a join provides. */
  #fillJoined(join: Join, { values, results }: Known): void {
    let arePlainFieldsSet = true;
    results.forEach((result, at) => {
      this.#execution.takeTurn();
      arePlainFieldsSet = join.copyPlainFields(values[at], result) && arePlainFieldsSet;
    });
    const admitted = this.#admitted[join.at] ?? [];
    for (const field of arePlainFieldsSet ? join.otherFields : join.fields)
      if (admitted.includes(field)) this.#fieldExecution(field).execute(values, results);
  }

  /** Reads the join inputs that a required join needs. `at` has the indexes of the rows, or null for all rows. */
  #readHidden({ hidden }: ModuleFields, values: readonly unknown[], at: readonly number[] | null): void {
    for (const field of hidden) if (field.joins?.some((join) => this.#isWanted(join))) this.#readOne(field, values, at);
  }

  #readOne(field: Field, values: readonly unknown[], at: readonly number[] | null): void {
    if (this.#readAtSight(field, values, at)) {
      this.#isRead(field);
      return;
    }
    const results = values.map((): ResultObject => ({}));
    const onComplete = (): void => {
      const read = this.#readOf(field.key);
      for (const [one, result] of results.entries()) read[at?.[one] ?? one] = result[field.key];
      this.#isRead(field);
    };
    this.#fieldExecution(field, onComplete).execute(values, results);
  }

  /** Reads a plain property of all rows. Returns false if a row needs completion. */
  #readAtSight(
    { key, name, read: { is }, shape }: Field,
    values: readonly unknown[],
    at: readonly number[] | null,
  ): boolean {
    if (is !== 'property' || shape.is !== 'leaf' || shape.isUnchanged === null) return false;
    const read = this.#readOf(key);
    for (let one = 0; one < values.length; one += 1) {
      this.#execution.takeTurn();
      const value = atSight(values[one], name, shape.isUnchanged);
      if (value === undefined) return false;
      read[at?.[one] ?? one] = value;
    }
    return true;
  }

  #readOf(name: string): unknown[] {
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const read: unknown[] = [];
    this.#read.set(name, read);
    return read;
  }

  #isWanted({ at, hidden }: Join): boolean {
    if ((this.#admitted[at]?.length ?? 0) > 0) return true;
    return hidden.some(({ joins }) => joins?.some((join) => this.#isWanted(join)));
  }

  #isRead({ joins }: Field): void {
    for (const join of joins ?? []) {
      const missing = (this.#missing[join.at] ?? 0) - 1;
      this.#missing[join.at] = missing;
      if (missing === 0 && this.#isWanted(join)) this.#join(join);
    }
  }

  #join(join: Join): void {
    const { load, module } = join;
    if (load === null) {
      this.#goOn(
        join,
        this.#tell(join, (input) => entityOf(join, input)),
      );
      return;
    }
    const keys = this.#execution.backend(module).loaders[load.loader]?.keys;
    if (keys === undefined) throw new Error(`${module.module.name} has no loader "${load.loader}".`);
    const wanted: Wanted[] = [];
    const asked = this.#tell(join, (input) => {
      wanted.push(keys.want(load.keyOf(input)));
      return input;
    });
    this.#execution.addPending();
    keys.whenFound(wanted, () => this.#execution.resume(() => this.#goOn(join, this.#found(join, asked, wanted))));
  }

  /** Returns the entities that were found. The values of `asked` are the join inputs. */
  #found(join: Join, asked: Known, wanted: readonly Wanted[]): Known {
    const found: unknown[] = [];
    asked.results.forEach((result, one) => {
      found.push(this.#foundOne(join, asked.values[one], wanted[one]?.value, result, asked.at?.[one] ?? one));
    });
    return goingOn(found, asked);
  }

  #foundOne(join: Join, input: unknown, row: unknown, result: ResultObject, at: number): unknown {
    try {
      if (row === null || row === undefined || isAbsence(row)) this.#lack(join, result, at);
      else if (row instanceof Error) this.#fail(join, result, at, row);
      else return entity(join, row, input);
    } catch (error) {
      this.#fail(join, result, at, error);
    }
    return NOTHING;
  }

  #goOn(join: Join, rows: Known): void {
    this.#fillJoined(join, rows);
    this.#readHidden(join, rows.values, rows.at);
  }

  /** Makes a value of each row's join input. Rows with an incomplete key are dropped. */
  #tell(join: Join, make: (input: unknown) => unknown): Known {
    const values: unknown[] = [];
    this.#group.results.forEach((result, at) => {
      values.push(this.#tellOne(join, make, result, at));
    });
    return goingOn(values, { results: this.#group.results, at: null });
  }

  #tellOne(join: Join, make: (input: unknown) => unknown, result: ResultObject, at: number): unknown {
    try {
      const input = this.#toldOf(join, at);
      if (input !== null) return make(input);
      this.#lack(join, result, at);
    } catch (error) {
      this.#fail(join, result, at, error);
    }
    return NOTHING;
  }

  /** Returns the join input of a row, or null if a key field is null. Throws the error of an input that failed. */
  #toldOf({ inputs, hasSingleInput }: Join, at: number): unknown {
    const input: ResultObject = {};
    for (const { name, shape, parse, isKey } of inputs) {
      const parsed = parse(seen(shape, this.#read.get(name)?.[at])) ?? null;
      if (parsed === null && isKey) return null;
      if (hasSingleInput) return parsed;
      input[name] = parsed;
    }
    return input;
  }

  /** Completes the fields of a row without an entity: null, or NOT_FOUND in a non-null field. */
  #lack(join: Join, result: ResultObject, at: number): void {
    this.#putAll(join, result, at, (field) => {
      if (!field.shape.nonNull) return null;
      this.#notFound ??= noSuchEntity();
      return this.#execution.fail(field, this.#notFound);
    });
  }

  #fail(join: Join, result: ResultObject, at: number, error: unknown): void {
    this.#putAll(join, result, at, (field) => this.#execution.fail(field, error));
  }

  #putAll(join: Join, result: ResultObject, at: number, value: (field: Field) => unknown): void {
    for (const field of this.#admitted[join.at] ?? []) result[field.key] = value(field);
    for (const field of join.hidden) this.#readOf(field.key)[at] = value(field);
  }
}
