/**
 * The batch scheduler of one execution: collects keys that are requested in one tick, so that each backend receives one
 * call.
 *
 * Runs after all settled promises and their consequences, like DataLoader.
 */
export class BatchScheduler {
  #due: (() => void)[] = [];

  /** Runs a task at the end of this tick. Keys that the task requests belong to the same batch. */
  schedule(run: () => void): void {
    if (this.#due.push(run) === 1) void Promise.resolve().then(() => process.nextTick(this.#end));
  }

  readonly #end = (): void => {
    const due = this.#due;
    // May grow during the loop.
    for (const run of due) run();
    this.#due = [];
  };
}
