/** A value that is read again when its files change. */
export interface WatchedFiles<Value> {
  /** Returns the last valid value. */
  current(): Value;
  /** Calls `run` after each change. Returns a function that ends this. */
  onChange(run: (value: Value) => void): () => void;
  /** Reason for which the present files cannot be used; null if they are in use. */
  fault(): string | null;
  /** Number of changes since the start. */
  changes(): number;
  /** Ends the checks of the files. */
  close(): void;
}

/** A value that never changes. */
export const constantValue = <Value>(value: Value): WatchedFiles<Value> => ({
  current: () => value,
  onChange: () => () => {},
  fault: () => null,
  changes: () => 0,
  close: () => {},
});

/** A change of files, for operators. */
export type WatchedFilesEvent =
  | { readonly is: 'reloaded' }
  /** The last valid value stays in use. Reported once, until the files are valid again. */
  | { readonly is: 'invalid'; readonly reason: string };

/** The last valid value of files, and the fault of their present content. */
export class WatchedValue<Value> {
  readonly #isSame: (one: Value, other: Value) => boolean;
  readonly #report: (event: WatchedFilesEvent) => void;
  readonly #listeners = new Set<(value: Value) => void>();
  #value: Value;
  #changes = 0;
  /** Version of the files of `value`. */
  #taken: string;
  /** Version of the files of `fault`. */
  #faulty = '';
  #fault: string | null = null;
  #isReported = false;

  constructor(
    initial: Value,
    isSame: (one: Value, other: Value) => boolean,
    report: (event: WatchedFilesEvent) => void,
    initialVersion = '',
  ) {
    this.#taken = initialVersion;
    this.#value = initial;
    this.#isSame = isSame;
    this.#report = report;
  }

  get current(): Value {
    return this.#value;
  }

  get fault(): string | null {
    return this.#fault;
  }

  get changes(): number {
    return this.#changes;
  }

  /** True if the value was read from this version of the files. */
  isFrom(version: string): boolean {
    return version === this.#taken;
  }

  onChange(run: (value: Value) => void): () => void {
    this.#listeners.add(run);
    return () => void this.#listeners.delete(run);
  }

  take(next: Value, version: string): void {
    this.#taken = version;
    this.#fault = null;
    this.#faulty = '';
    this.#isReported = false;
    if (this.#isSame(this.#value, next)) return;
    this.#value = next;
    this.#changes += 1;
    this.#report({ is: 'reloaded' });
    for (const listener of this.#listeners) listener(next);
  }

  /** Keeps the value. A fault is reported at its second occurrence with one version of the files. */
  refuse(reason: string, version: string): void {
    // Files that are replaced one after the other do not fit together at the first.
    const isLasting = this.#faulty === version;
    this.#fault = reason;
    this.#faulty = version;
    if (!isLasting || this.#isReported) return;
    this.#isReported = true;
    this.#report({ is: 'invalid', reason });
  }

  close(): void {
    this.#listeners.clear();
  }
}
