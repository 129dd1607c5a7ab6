import type { KeyLoader, RequestedKey } from '../../backend/bind/key-loader.ts';
import type { Field, Join, ModuleFields, ResultObject, RowGroup, Selection } from '../plan/plan.ts';
import { type Descend, FieldExecution } from './field-execution.ts';
import { noSuchEntity } from './field-failure.ts';
import { type JoinedRows, JoinInputs, loadedEntity, MISSING, withoutMissing } from './join-inputs.ts';
import { withLoaderKeys } from './loader-keys.ts';
import { needsNoDecision, type PlanExecution } from './plan-execution.ts';

/** A field that needs a decision, with the index of its join. */
interface GuardedField {
  readonly index: number;
  readonly field: Field;
}

/**
 * Joins the rows of one row group with the entities of other modules. Each join starts as soon as its input fields are
 * known, and is left out if the caller may have none of the fields that depend on it.
 */
export class EntityJoin {
  readonly #execution: PlanExecution;
  readonly #selection: Selection;
  readonly #descend: Descend;
  readonly #group: RowGroup;
  readonly #allRows: JoinedRows;
  readonly #inputs: JoinInputs;
  /** Fields that the caller may have, by join. */
  readonly #admitted: (readonly Field[])[];
  /** The error shared by all dangling references of the row group. */
  #notFound: Error | null = null;

  constructor(execution: PlanExecution, selection: Selection, descend: Descend, group: RowGroup) {
    const { joins } = selection;
    this.#execution = execution;
    this.#selection = selection;
    this.#descend = descend;
    this.#group = group;
    this.#allRows = { values: group.values, results: group.results, indexes: null };
    this.#inputs = new JoinInputs(execution, joins, descend, (join) => this.#startIfNeeded(join));
    this.#admitted = joins.map(({ fields }) => fields);
  }

  execute(): void {
    const { own, joins } = this.#selection;
    const fields = this.#group.arePlainFieldsSet ? own.otherFields : own.fields;
    for (const field of fields) this.#executeField(field, this.#allRows);
    const guarded = joins.flatMap(({ index, fields }) => fields.map((field) => ({ index, field })));
    this.#decide(guarded.filter(({ field }) => !needsNoDecision(field)));
  }

  #executeField(field: Field, { values, results }: JoinedRows): void {
    new FieldExecution(this.#execution, field, this.#descend).execute(values, results);
  }

  /** Decides on each guarded field in turn, before any join is started for it. */
  #decide([next, ...others]: readonly GuardedField[]): void {
    if (next === undefined) {
      this.#readInputs(this.#selection.own, this.#allRows);
      // A join to a root type has no key, so that no input starts it.
      for (const join of this.#selection.joins) if (join.inputs.length === 0) this.#startIfNeeded(join);
      return;
    }
    const { index, field } = next;
    this.#execution.decide(field, (decision) => {
      if (decision instanceof Error) {
        for (const result of this.#group.results) result[field.key] = this.#execution.fail(field, decision);
        this.#admitted[index] = this.#admitted[index]?.filter((allowed) => allowed !== field) ?? [];
      }
      this.#decide(others);
    });
  }

  /** Reads the inputs that a module provides for joins that are needed. */
  #readInputs({ hidden }: ModuleFields, rows: JoinedRows): void {
    for (const field of hidden) if (field.joins?.some((join) => this.#isNeeded(join))) this.#inputs.read(field, rows);
  }

  /** True if the caller may have a field of the join, or of a join that receives inputs from it. */
  #isNeeded({ index, hidden }: Join): boolean {
    if ((this.#admitted[index]?.length ?? 0) > 0) return true;
    return hidden.some(({ joins }) => joins?.some((join) => this.#isNeeded(join)));
  }

  #startIfNeeded(join: Join): void {
    if (!this.#isNeeded(join)) return;
    const { load, module } = join;
    if (load === null) {
      // A root type has no entity, as at the root.
      const isRoot = this.#selection.type === module.schema.getQueryType()?.name;
      const entities = this.#mapInputs(join, (input) => (isRoot ? undefined : input));
      this.#continue(join, entities);
      return;
    }
    withLoaderKeys(this.#execution, module, load, (keys) => this.#load(join, keys, load.keyOf));
  }

  #load(join: Join, keys: KeyLoader, keyOf: (input: unknown) => unknown): void {
    const requested: RequestedKey[] = [];
    const rows = this.#mapInputs(join, (input) => {
      requested.push(keys.request(keyOf(input)));
      return input;
    });
    const entities = (): JoinedRows =>
      this.#mapRows(join, rows, (input, at) => loadedEntity(join, requested[at]?.value, input));
    this.#execution.addPending();
    keys.whenLoaded(requested, () => this.#execution.resume(() => this.#continue(join, entities())));
  }

  /** Executes the fields that a join provides, then reads the inputs that it provides for other joins. */
  #continue(join: Join, entities: JoinedRows): void {
    let arePlainFieldsSet = true;
    entities.results.forEach((result, at) => {
      this.#execution.takeTurn();
      arePlainFieldsSet = join.copyPlainFields(entities.values[at], result) && arePlainFieldsSet;
    });
    const admitted = this.#admitted[join.index] ?? [];
    for (const field of arePlainFieldsSet ? join.otherFields : join.fields)
      if (admitted.includes(field)) this.#executeField(field, entities);
    this.#readInputs(join, entities);
  }

  #mapInputs(join: Join, map: (input: unknown) => unknown): JoinedRows {
    return this.#mapRows(join, this.#allRows, (_row, index) => {
      const input = this.#inputs.inputOf(join, index);
      return input === null ? MISSING : map(input);
    });
  }

  /** Maps the value of each row. A row is completed and dropped if its value becomes MISSING or `map` throws. */
  #mapRows(join: Join, rows: JoinedRows, map: (value: unknown, at: number) => unknown): JoinedRows {
    const mapped = rows.results.map((result, at) => {
      const index = rows.indexes?.[at] ?? at;
      try {
        const value = map(rows.values[at], at);
        if (value === MISSING) this.#setMissing(join, result, index);
        return value;
      } catch (error) {
        this.#setFailed(join, result, index, error);
        return MISSING;
      }
    });
    return withoutMissing(mapped, rows);
  }

  #setFailed(join: Join, result: ResultObject, index: number, error: unknown): void {
    this.#setAll(join, result, index, (field) => this.#execution.fail(field, error));
  }

  /** Completes the fields of a row without an entity: null, or NOT_FOUND in a non-null field. */
  #setMissing(join: Join, result: ResultObject, index: number): void {
    this.#setAll(join, result, index, (field) => {
      if (!field.shape.nonNull) return null;
      this.#notFound ??= noSuchEntity();
      return this.#execution.fail(field, this.#notFound);
    });
  }

  /** Sets all fields that a join would have provided for a row, the inputs of other joins included. */
  #setAll(join: Join, result: ResultObject, index: number, value: (field: Field) => unknown): void {
    for (const field of this.#admitted[join.index] ?? []) result[field.key] = value(field);
    for (const field of join.hidden) this.#inputs.set(field, index, value(field));
  }
}
