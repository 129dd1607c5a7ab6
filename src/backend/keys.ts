import { GatewayError } from '../errors.ts';
import type { Batch, Found, ScalarKey } from './batch.ts';
import type { Entities } from './entity-cache.ts';
import { UrlTooLongError } from './rest-client.ts';
import type { Wave } from './wave.ts';

/** One key of one request, and what was found for it: a value, null, or the Error that its loading ended with. */
export interface Wanted<Key = unknown> {
  readonly key: Key;
  readonly scalar: ScalarKey;
  /** Undefined until it is found. */
  readonly value: unknown;
}

interface Sought<Key> extends Wanted<Key> {
  value: unknown;
  readonly wave: KeyWave<Key> | null;
}

/** Keys that go out together, and who waits for them. */
interface KeyWave<Key> {
  readonly sought: Sought<Key>[];
  readonly waiting: (() => void)[];
}

export const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('The loader failed.', { cause: error });

/** What was found of each, once it is there: where a backend has no call for many keys, a module may find a promise of each. */
const settled = (values: readonly unknown[]): Promise<readonly unknown[]> =>
  Promise.all(values.map((value) => (value instanceof Promise ? value.catch(asError) : value)));

/** Loads keys in one call, or in two halves where one address cannot hold them, and so on down to single keys. Never rejects. */
const load = async <Key>(batch: Batch<Key, unknown>, sought: readonly Sought<Key>[]): Promise<void> => {
  try {
    const found: Found<unknown, unknown> = await batch.load(sought.map(({ key }) => key));
    const values = sought.map(({ scalar }) => found.get(scalar));
    const there = values.some((value) => value instanceof Promise) ? await settled(values) : values;
    sought.forEach((one, at) => {
      one.value = there[at] ?? null;
    });
  } catch (error) {
    if (!(error instanceof UrlTooLongError) || sought.length < 2) {
      const failure = asError(error);
      for (const one of sought) one.value = failure;
      return;
    }
    const middle = Math.ceil(sought.length / 2);
    await Promise.all([load(batch, sought.slice(0, middle)), load(batch, sought.slice(middle))]);
  }
};

const inChunks = <Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] => {
  if (!(size >= 1)) throw new RangeError(`A loader cannot ask for ${size} keys in one call.`);
  if (items.length <= size) return items.length === 0 ? [] : [items];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
};

/**
 * The keys that one request asks of one loader: each is loaded once, and those of one wave with one call. Nothing in it outlives
 * the request.
 *
 * With `entities` a wave first asks for what was found before, all keys at once, and loads only the rest.
 */
export class Keys<Key = unknown> {
  readonly #batch: Batch<Key, unknown>;
  readonly #entities: Entities | null;
  readonly #wave: Wave;
  readonly #known = new Map<ScalarKey, Sought<Key>>();
  #open: KeyWave<Key> | null = null;

  constructor(batch: Batch<Key, unknown>, entities: Entities | null, wave: Wave) {
    this.#batch = batch;
    this.#entities = entities;
    this.#wave = wave;
  }

  /** Asks for a key. Throws what the batch's `key` throws. */
  want(key: Key): Wanted<Key> {
    const scalar = this.#batch.keyOf(key);
    const known = this.#known.get(scalar);
    if (known !== undefined) return known;
    // A lone surrogate cannot be sent, and would fail every key that it shares a call with.
    if (typeof scalar === 'string' && !scalar.isWellFormed())
      return { key, scalar, value: new GatewayError('BAD_USER_INPUT', 'A key is not well-formed text.') };
    const wave = this.#opened();
    const sought: Sought<Key> = { key, scalar, value: undefined, wave };
    wave.sought.push(sought);
    this.#known.set(scalar, sought);
    return sought;
  }

  /** Calls back once all of these are found; at once where they are. They are this loader's own. */
  whenFound(wanted: readonly Wanted<Key>[], found: () => void): void {
    const waves = this.#wavesOf(wanted);
    let left = waves.length;
    if (left === 0) {
      found();
      return;
    }
    const one = (): void => {
      left -= 1;
      if (left === 0) found();
    };
    for (const wave of waves) wave.waiting.push(left === 1 ? found : one);
  }

  #wavesOf(wanted: readonly Wanted<Key>[]): readonly KeyWave<Key>[] {
    const waves: KeyWave<Key>[] = [];
    for (const one of wanted) {
      if (one.value !== undefined) continue;
      const { wave } = one as Sought<Key>; // only `want` makes those without a value
      if (wave !== null && wave !== waves.at(-1) && !waves.includes(wave)) waves.push(wave);
    }
    return waves;
  }

  #opened(): KeyWave<Key> {
    if (this.#open !== null) return this.#open;
    const wave: KeyWave<Key> = { sought: [], waiting: [] };
    this.#open = wave;
    this.#wave.schedule(() => {
      this.#open = null;
      void this.#send(wave);
    });
    return wave;
  }

  async #send({ sought, waiting }: KeyWave<Key>): Promise<void> {
    try {
      await this.#find(sought);
    } catch (error) {
      // Of what is around the loader: nobody is to wait for ever.
      const failure = asError(error);
      for (const one of sought) one.value ??= failure;
    }
    // A failure is not remembered: a later wave of the same request may find the backend well again.
    for (const { scalar, value } of sought) if (value instanceof Error) this.#known.delete(scalar);
    for (const found of waiting) found();
  }

  async #find(sought: readonly Sought<Key>[]): Promise<void> {
    const missing = this.#entities === null ? sought : await this.#unknown(sought, this.#entities);
    const { maxSize } = this.#batch;
    await Promise.all(inChunks(missing, maxSize).map((chunk) => load(this.#batch, chunk)));
    if (this.#entities !== null && missing.length > 0) this.#keep(missing, this.#entities);
  }

  /** Fills in what was found before, and gives the others. */
  async #unknown(sought: readonly Sought<Key>[], entities: Entities): Promise<readonly Sought<Key>[]> {
    const known = await entities.read(sought.map(({ scalar }) => scalar));
    return sought.filter((one, at) => {
      const before = known[at];
      if (before !== undefined) one.value = before.value;
      return before === undefined;
    });
  }

  #keep(loaded: readonly Sought<Key>[], entities: Entities): void {
    const asRead = entities.write(new Map(loaded.map(({ scalar, value }) => [scalar, value])));
    for (const one of loaded) one.value = asRead.get(one.scalar) ?? null;
  }
}
