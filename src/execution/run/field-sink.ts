import type { Field, ResultObject, Selection, Shape } from '../plan/plan.ts';
import type { FieldFailure } from './field-failure.ts';
import type { PlanExecution } from './plan-execution.ts';

/** The destination of the values of one field: the interface between reading, completion and field execution. */
export interface Sink {
  readonly execution: PlanExecution;
  readonly field: Field;
  /** Completes and stores a property of a row. */
  put(result: ResultObject, value: unknown): void;
  /** Completes and stores the result of a resolver. A returned Error counts as thrown. */
  putResult(result: ResultObject, value: unknown): void;
  /** Stores an error that a resolver threw. */
  putThrown(result: ResultObject, error: unknown): void;
  /** Returns the FieldFailure that stands for a failed value. */
  fail(error: unknown): FieldFailure;
  /** Creates the result object of a row. */
  createResult(selection: Selection, value: unknown): ResultObject;
  /** Waits for a promise and passes the completed value to `put`. */
  expect(shape: Shape, promise: PromiseLike<unknown>, put: (value: unknown) => void): void;
  /**
   * Waits for a load. `load` is called immediately. Once the values are loaded, it calls `loaded` with the function that
   * stores them.
   */
  suspend(load: (loaded: (put: () => void) => void) => void): void;
}
