import { type ExecutionResult, GraphQLError } from 'graphql';
import { Failure } from './failure.ts';
import type { Answers, Field, ResultObject, Shape } from './plan.ts';
import { repeatedAt } from './repeated-error.ts';
import type { PlanExecution } from './run.ts';

/** Marks a null that must move to the parent. */
const NOTHING = Symbol('null in a non-null position');

/**
 * Maximum number of locations of one error. A document may request a field in hundreds of places, and each of its rows
 * may fail.
 */
const MOST_LOCATIONS = 5;

type Path = readonly (string | number)[];

/**
 * Builds the response of an execution with failures: creates an error at the path of each failure, and moves nulls up
 * to the nearest nullable parent.
 */
class Settling {
  readonly errors: GraphQLError[] = [];
  readonly #execution: PlanExecution;
  /** The first GraphQLError created for each error and field; further ones are derived from it. */
  readonly #told = new Map<Error, Map<Field, GraphQLError>>();

  constructor(execution: PlanExecution) {
    this.#execution = execution;
  }

  object(answers: Answers, result: ResultObject, path: Path): ResultObject | typeof NOTHING {
    const settled: ResultObject = {};
    for (const [key, answer] of answers) {
      const value = typeof answer === 'string' ? answer : this.value(answer, answer.shape, result[key], [...path, key]);
      if (value === NOTHING) return NOTHING;
      settled[key] = value;
    }
    return settled;
  }

  /** Builds a value and everything below it. */
  value(field: Field, shape: Shape, value: unknown, path: Path): unknown {
    const settled = this.#settled(field, shape, value, path);
    return settled === NOTHING && !shape.nonNull ? null : settled;
  }

  #settled(field: Field, shape: Shape, value: unknown, path: Path): unknown {
    if (value instanceof Failure) {
      // Creating an error costs more than reading a row, and there may be one for each row.
      this.#execution.takeTurn();
      this.errors.push(this.#errorAt(field, value.error, path));
      return NOTHING;
    }
    if (value === null || value === undefined || shape.is === 'leaf') return value ?? null;
    if (shape.is === 'list') return this.#list(field, shape.item, value as readonly unknown[], path); // made by `complete`
    const result = value as ResultObject; // made by `complete`
    const selection = shape.is === 'object' ? shape.selection : this.#execution.selections.get(result);
    return selection === undefined ? NOTHING : this.object(selection.answers, result, path);
  }

  #errorAt(field: Field, error: Error, path: Path): GraphQLError {
    const told = this.#told.get(error) ?? new Map<Field, GraphQLError>();
    const before = told.get(field);
    if (before !== undefined) return repeatedAt(before, path);
    // An error of an argument has the node of that argument.
    const nodes = (error instanceof GraphQLError ? error.nodes : undefined) ?? field.nodes;
    const some = nodes.slice(0, MOST_LOCATIONS);
    const first = new GraphQLError(error.message, { nodes: some, path, originalError: error });
    this.#told.set(error, told.set(field, first));
    return first;
  }

  #list(field: Field, shape: Shape, list: readonly unknown[], path: Path): unknown {
    const settled: unknown[] = [];
    for (const [at, item] of list.entries()) {
      const value = this.value(field, shape, item, [...path, at]);
      if (value === NOTHING) return NOTHING;
      settled.push(value);
    }
    return settled;
  }
}

/** Builds the response of a finished execution. */
export const settle = (execution: PlanExecution): ExecutionResult => {
  const { plan, data, failures } = execution;
  if (failures === 0) return { data };
  const settling = new Settling(execution);
  const settled = settling.object(plan.answers, data, []);
  return { data: settled === NOTHING ? null : settled, errors: settling.errors };
};

/** True if a failure of this root field makes the whole response null. */
export const takesAll = (execution: PlanExecution, field: Field): boolean =>
  execution.failures > 0 &&
  new Settling(execution).value(field, field.shape, execution.data[field.key], []) === NOTHING;
