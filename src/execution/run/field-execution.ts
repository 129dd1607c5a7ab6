import type { Limit, RowGuard } from '../graph.ts';
import type { Field, ResultObject, RowGroup, Selection, Shape } from '../plan/plan.ts';
import { isReference } from '../reference.ts';
import { complete } from './complete-value.ts';
import { asError, FieldFailure, isAbsence } from './field-failure.ts';
import type { Sink } from './field-sink.ts';
import { needsNoDecision, type PlanExecution } from './plan-execution.ts';
import { readInto } from './read-field.ts';
import { isThenable, whenSettled } from './values.ts';

/** Executes a selection for the rows below a field. */
export type Descend = (execution: PlanExecution, selection: Selection, group: RowGroup) => void;

/** A promised value that has arrived, and the function that stores it. */
interface ArrivedValue {
  readonly shape: Shape;
  readonly value: unknown;
  readonly put: (value: unknown) => void;
}

/**
 * Executes one field for all rows of a selection. Values that arrive in one tick continue together, so that loaders
 * below see one batch. Slow values delay no others.
 */
export class FieldExecution implements Sink {
  readonly execution: PlanExecution;
  readonly field: Field;
  readonly #descend: Descend;
  /** Called once, when every row has its value. The selections below may still be running. */
  readonly #onComplete: (() => void) | null;
  /** The rows below this field that have not been executed yet; null for none. */
  #groups: Map<Selection, RowGroup> | null = null;
  /** Number of promises that have not been completed. */
  #promised = 0;
  /** True while the loader of the field runs. */
  #isLoading = false;
  /** True while rows are read: further values may follow. */
  #isReading = false;
  /** Promised values that arrived in this tick. */
  #arrived: ArrivedValue[] = [];

  constructor(execution: PlanExecution, field: Field, descend: Descend, onComplete: (() => void) | null = null) {
    this.execution = execution;
    this.field = field;
    this.#descend = descend;
    this.#onComplete = onComplete;
  }

  /** Starts the field. Values that need no promise are in place when this returns. */
  execute(values: readonly unknown[], results: readonly ResultObject[]): void {
    if (needsNoDecision(this.field)) this.#admit(values, results);
    else
      this.execution.decide(this.field, (decision) => {
        if (decision === null) this.#admit(values, results);
        else if (decision instanceof Error) this.#refuse(results, decision);
        else this.#decideRows(decision, values, results);
      });
  }

  #refuse(results: readonly ResultObject[], refusal: Error): void {
    for (const result of results) result[this.field.key] = this.fail(refusal);
    this.#continue();
  }

  /** Decides on every row together, so that the loaders of a policy see one batch, then goes on with the admitted rows. */
  #decideRows(guard: RowGuard, values: readonly unknown[], results: readonly ResultObject[]): void {
    const { execution } = this;
    const decisions = values.map((row) => {
      execution.takeTurn();
      return guard(row);
    });
    this.#whenDecided(decisions, values, results, (admitted, rows) => this.#admit(admitted, rows));
  }

  #admit(values: readonly unknown[], results: readonly ResultObject[]): void {
    const { limit } = this.field;
    if (limit === null) this.#read(values, results);
    else this.#count(limit, values, results);
  }

  /** Counts every row against the limit, then reads the field of the admitted rows together. */
  #count(limit: Limit, values: readonly unknown[], results: readonly ResultObject[]): void {
    const { execution } = this;
    const counted = results.map(() => {
      execution.takeTurn();
      return limit.count(execution.bindings.request);
    });
    this.#whenDecided(counted, values, results, (admitted, rows) => this.#read(admitted, rows));
  }

  /** Fails the refused rows, once there is a decision on every row, and continues with the others. */
  #whenDecided(
    decisions: readonly (Error | null | Promise<Error | null>)[],
    values: readonly unknown[],
    results: readonly ResultObject[],
    proceed: (values: readonly unknown[], results: readonly ResultObject[]) => void,
  ): void {
    const { execution, field } = this;
    const settled = decisions.map((one) => (one instanceof Promise ? one.catch(asError) : one));
    execution.addPending();
    void Promise.all(settled).then((refusals) =>
      execution.resume(() => {
        const isAdmitted = (_row: unknown, at: number): boolean => refusals[at] === null;
        for (const [at, result] of results.entries()) {
          const refusal = refusals[at] ?? null;
          if (refusal !== null) result[field.key] = this.fail(refusal);
        }
        proceed(values.filter(isAdmitted), results.filter(isAdmitted));
      }),
    );
  }

  #read(values: readonly unknown[], results: readonly ResultObject[]): void {
    this.#isReading = true;
    readInto(this, values, results);
    this.#isReading = false;
    this.#continue();
  }

  put(result: ResultObject, value: unknown): void {
    const { key, shape } = this.field;
    try {
      if (isThenable(value)) this.#expectValue(result, value);
      else result[key] = complete(this, shape, value);
    } catch (error) {
      result[key] = this.fail(error);
    }
  }

  #expectValue(result: ResultObject, promise: PromiseLike<unknown>): void {
    const { key, shape } = this.field;
    this.expect(shape, promise, (arrived) => {
      result[key] = arrived;
    });
  }

  putResult(result: ResultObject, value: unknown): void {
    try {
      if (isThenable(value)) this.#expectResult(result, value);
      else result[this.field.key] = complete(this, this.field.shape, this.#orAbsent(value));
    } catch (error) {
      result[this.field.key] = this.fail(error);
    }
  }

  #expectResult(result: ResultObject, promise: PromiseLike<unknown>): void {
    const promised = whenSettled(
      promise,
      (value) => this.#orAbsent(value),
      (error) => this.#absent(error),
    );
    this.#expectValue(result, promised);
  }

  putThrown(result: ResultObject, error: unknown): void {
    this.put(result, this.#absent(error));
  }

  fail(error: unknown): FieldFailure {
    return this.execution.fail(this.field, error);
  }

  #orAbsent(value: unknown): unknown {
    return value instanceof Error ? this.#absent(value) : value;
  }

  /** Returns null for "not found" from a backend if the field may be absent, else a failure. */
  #absent(thrown: unknown): unknown {
    const error = asError(thrown);
    return isAbsence(error) && this.field.mayBeAbsent ? null : new FieldFailure(error);
  }

  createResult(requested: Selection, value: unknown): ResultObject {
    this.execution.takeTurn();
    const { references } = requested;
    const reference = references?.find(({ keys, names }) => isReference(value, keys, names));
    const selection = reference === undefined ? requested : reference.selection();
    const group = this.#groupOf(selection);
    const result = selection.createResult(value, group);
    group.values.push(value);
    group.results.push(result);
    return result;
  }

  #groupOf(selection: Selection): RowGroup {
    this.#groups ??= new Map();
    const known = this.#groups.get(selection);
    if (known !== undefined) return known;
    const group: RowGroup = { values: [], results: [], arePlainFieldsSet: true };
    this.#groups.set(selection, group);
    return group;
  }

  expect(shape: Shape, promise: PromiseLike<unknown>, put: ArrivedValue['put']): void {
    const arrive = (value: unknown): void => {
      if (this.#arrived.push({ shape, value, put }) === 1) this.execution.defer(() => this.#proceed());
    };
    void whenSettled(promise, arrive, (error) => arrive(new FieldFailure(error)));
    this.#promised += 1;
    if (this.#promised === 1) this.execution.addPending();
  }

  #proceed(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#promised -= arrived.length;
    // The pending step of `expect` ends with this call; the promises that remain need another.
    if (this.#promised > 0) this.execution.addPending();
    for (const { shape, value, put } of arrived) put(this.#completed(shape, value));
    this.#continue();
  }

  #completed(shape: Shape, value: unknown): unknown {
    try {
      return complete(this, shape, value);
    } catch (error) {
      return this.fail(error);
    }
  }

  suspend(load: (loaded: (put: () => void) => void) => void): void {
    this.#isLoading = true;
    this.execution.addPending();
    load((put) =>
      this.execution.resume(() => {
        this.#isLoading = false;
        put();
        this.#continue();
      }),
    );
  }

  /** Executes the rows below that have arrived, and completes the field if no value is outstanding. */
  #continue(): void {
    const groups = this.#groups;
    if (groups !== null) {
      this.#groups = null;
      for (const [selection, group] of groups) this.#descend(this.execution, selection, group);
    }
    if (this.#promised === 0 && !this.#isLoading && !this.#isReading) this.#onComplete?.();
  }
}
