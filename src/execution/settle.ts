import { type ExecutionResult, GraphQLError } from 'graphql';
import { Failure } from './failure.ts';
import type { Answers, Field, Out, Shape } from './plan.ts';
import { repeatedAt } from './repeated-error.ts';
import type { Run } from './run.ts';

/** Stands for what its parent cannot be without. */
const NOTHING = Symbol('null where null may not be');

/** Of one error: a document may ask for a field at hundreds of places, and every row of it may fail. */
const MOST_LOCATIONS = 5;

type Path = readonly (string | number)[];

/** Puts an answer together in which something failed: each failure is an error at its path, and null as near as the types allow. */
class Settling {
  readonly errors: GraphQLError[] = [];
  readonly #run: Run;
  /** What failed, and how each field told of it at the first place. */
  readonly #told = new Map<Error, Map<Field, GraphQLError>>();

  constructor(run: Run) {
    this.#run = run;
  }

  object(answers: Answers, out: Out, path: Path): Out | typeof NOTHING {
    const settled: Out = {};
    for (const [key, answer] of answers) {
      const value = typeof answer === 'string' ? answer : this.value(answer, answer.shape, out[key], [...path, key]);
      if (value === NOTHING) return NOTHING;
      settled[key] = value;
    }
    return settled;
  }

  /** A value and all that is below it. */
  value(field: Field, shape: Shape, value: unknown, path: Path): unknown {
    const settled = this.#settled(field, shape, value, path);
    return settled === NOTHING && !shape.nonNull ? null : settled;
  }

  #settled(field: Field, shape: Shape, value: unknown, path: Path): unknown {
    if (value instanceof Failure) {
      // Each costs more than reading its row did, and there may be as many.
      this.#run.takeTurn();
      this.errors.push(this.#errorAt(field, value.error, path));
      return NOTHING;
    }
    if (value === null || value === undefined || shape.is === 'leaf') return value ?? null;
    if (shape.is === 'list') return this.#list(field, shape.item, value as readonly unknown[], path); // `complete` made it
    const out = value as Out; // so it did here
    const selection = shape.is === 'object' ? shape.selection : this.#run.selections.get(out);
    return selection === undefined ? NOTHING : this.object(selection.answers, out, path);
  }

  #errorAt(field: Field, error: Error, path: Path): GraphQLError {
    const told = this.#told.get(error) ?? new Map<Field, GraphQLError>();
    const before = told.get(field);
    if (before !== undefined) return repeatedAt(before, path);
    // Of an argument it says itself which one.
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

/** The answer, when all has arrived. */
export const settle = (run: Run): ExecutionResult => {
  const { plan, data, failures } = run;
  if (failures === 0) return { data };
  const settling = new Settling(run);
  const settled = settling.object(plan.answers, data, []);
  return { data: settled === NOTHING ? null : settled, errors: settling.errors };
};

/** Whether nothing is left of the answer for what became of one root field. */
export const takesAll = (run: Run, field: Field): boolean =>
  run.failures > 0 && new Settling(run).value(field, field.shape, run.data[field.key], []) === NOTHING;
