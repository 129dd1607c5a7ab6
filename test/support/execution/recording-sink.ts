import type { Field, ResultObject, Shape } from '../../../src/execution/plan/plan.ts';
import { FieldFailure } from '../../../src/execution/run/field-failure.ts';
import type { Sink } from '../../../src/execution/run/field-sink.ts';
import { executionOf } from './hand-made-plan.ts';

/** A sink that keeps everything it receives and completes nothing. Loads are awaited with `loaded`. */
export class RecordingSink implements Sink {
  readonly field: Field;
  readonly execution: Sink['execution'];
  /** Failures in order. */
  readonly failures: FieldFailure[] = [];
  /** Promises that are awaited, each with the shape of its value. */
  readonly expected: { readonly shape: Shape; readonly promise: PromiseLike<unknown> }[] = [];
  loaded: Promise<void> | null = null;

  constructor(field: Field) {
    this.field = field;
    this.execution = executionOf([field]).execution;
  }

  put(result: ResultObject, value: unknown): void {
    result[this.field.key] = value;
  }

  putResult(result: ResultObject, value: unknown): void {
    this.put(result, value);
  }

  putThrown(result: ResultObject, error: unknown): void {
    this.put(result, this.fail(error));
  }

  fail(error: unknown): FieldFailure {
    const failure = error instanceof FieldFailure ? error : new FieldFailure(error);
    this.failures.push(failure);
    return failure;
  }

  createResult: Sink['createResult'] = ({ type }, value) => ({ type, value });

  expect(shape: Shape, promise: PromiseLike<unknown>): void {
    this.expected.push({ shape, promise });
  }

  suspend(load: (loaded: (put: () => void) => void) => void): void {
    this.loaded = new Promise((resolve) =>
      load((put) => {
        put();
        resolve();
      }),
    );
  }
}
