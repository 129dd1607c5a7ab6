import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Answers, Field, ResultObject, Shape } from '../plan/plan.ts';
import { FieldFailure } from './field-failure.ts';
import type { PlanExecution } from './plan-execution.ts';
import { repeatedAt } from './repeated-error.ts';

/** Marks a null that must move to the parent. */
const NULLED = Symbol('null in a non-null position');

/**
 * Maximum number of locations of one error. A document may request a field in hundreds of places, and each of its rows
 * may fail.
 */
const MAX_LOCATIONS = 5;

/**
 * Builds the response of an execution with failures: creates an error at the path of each failure, and moves nulls up
 * to the nearest nullable parent.
 */
class ResponseBuilder {
  readonly errors: GraphQLError[] = [];
  readonly #execution: PlanExecution;
  /** The first GraphQLError created for each error and field; further ones are derived from it. */
  readonly #firstErrors = new Map<Error, Map<Field, GraphQLError>>();
  /** Path of the value that is built. */
  readonly #path: (string | number)[] = [];

  constructor(execution: PlanExecution) {
    this.#execution = execution;
  }

  object(answers: Answers, result: ResultObject): ResultObject | typeof NULLED {
    const built: ResultObject = {};
    for (const [key, answer] of answers) {
      const value = typeof answer === 'string' ? answer : this.valueAt(key, answer, answer.shape, result[key]);
      if (value === NULLED) return NULLED;
      built[key] = value;
    }
    return built;
  }

  /** Builds a value and everything below it. `step` is the last part of its path. */
  valueAt(step: string | number, field: Field, shape: Shape, value: unknown): unknown {
    this.#path.push(step);
    const built = this.#build(field, shape, value);
    this.#path.pop();
    return built === NULLED && !shape.nonNull ? null : built;
  }

  #build(field: Field, shape: Shape, value: unknown): unknown {
    if (value instanceof FieldFailure) {
      // There may be an error for each row, so the clock is checked as for rows.
      this.#execution.takeTurn();
      this.errors.push(this.#errorAt(field, value.error));
      return NULLED;
    }
    if (value === null || value === undefined || shape.is === 'leaf') return value ?? null;
    if (shape.is === 'list') return this.#list(field, shape.item, value as readonly unknown[]); // made by `complete`
    const result = value as ResultObject; // made by `complete`
    const selection = shape.is === 'object' ? shape.selection : this.#execution.selections.get(result);
    return selection === undefined ? NULLED : this.object(selection.answers, result);
  }

  #errorAt(field: Field, error: Error): GraphQLError {
    const path = [...this.#path];
    const byField = this.#firstErrors.get(error) ?? new Map<Field, GraphQLError>();
    const before = byField.get(field);
    if (before !== undefined) return repeatedAt(before, path);
    // An error of an argument has the node of that argument.
    const nodes = (error instanceof GraphQLError ? error.nodes : undefined) ?? field.nodes;
    const some = nodes.slice(0, MAX_LOCATIONS);
    const first = new GraphQLError(error.message, { nodes: some, path, originalError: error });
    this.#firstErrors.set(error, byField.set(field, first));
    return first;
  }

  #list(field: Field, shape: Shape, list: readonly unknown[]): unknown {
    const built: unknown[] = [];
    for (const [at, item] of list.entries()) {
      const value = this.valueAt(at, field, shape, item);
      if (value === NULLED) return NULLED;
      built.push(value);
    }
    return built;
  }
}

/** Builds the response of a finished execution. */
export const buildResponse = (execution: PlanExecution): ExecutionResult => {
  const { plan, data, failures } = execution;
  if (failures === 0) return { data };
  const builder = new ResponseBuilder(execution);
  const built = builder.object(plan.answers, data);
  return { data: built === NULLED ? null : built, errors: builder.errors };
};

/** True if a failure of this root field makes the whole response null. */
export const nullsResponse = (execution: PlanExecution, field: Field): boolean =>
  execution.failures > 0 &&
  new ResponseBuilder(execution).valueAt(field.key, field, field.shape, execution.data[field.key]) === NULLED;
