/**
 * Gathers what one execution asks for at about the same time, so that it becomes one call to each backend.
 *
 * As DataLoader does it: whatever is settled by now has its say first, and what that leads to.
 */
export class Wave {
  #due: (() => void)[] = [];

  /** Runs something at the end of this wave. What it asks for in turn still belongs to the wave. */
  schedule(run: () => void): void {
    if (this.#due.push(run) === 1) void Promise.resolve().then(() => process.nextTick(this.#end));
  }

  readonly #end = (): void => {
    const due = this.#due;
    // Grows while it is run.
    for (const run of due) run();
    this.#due = [];
  };
}
