import type { Failure } from './failure.ts';
import type { Field, Out, Selection, Shape } from './plan.ts';
import type { Run } from './run.ts';

/** Where the values of one field go: what reading and completing know of a column. */
export interface Sink {
  readonly run: Run;
  readonly field: Field;
  /** Puts what was read of a row. */
  put(out: Out, value: unknown): void;
  /** Puts what a resolver gave. An Error that it returns is as good as thrown. */
  putResult(out: Out, value: unknown): void;
  /** Puts what a resolver threw. */
  putThrown(out: Out, error: unknown): void;
  /** What stands for a value that failed. */
  fail(error: unknown): Failure;
  /** Makes an object of the answer, for a value that a selection is asked of. */
  open(selection: Selection, value: unknown): Out;
  /** Waits for a value; `put` gets what the shape makes of it. */
  expect(shape: Shape, promise: PromiseLike<unknown>, put: (value: unknown) => void): void;
  /** Waits for what is no promise: `load` is called at once, and calls back when it has something to put. */
  suspend(load: (loaded: (put: () => void) => void) => void): void;
}
