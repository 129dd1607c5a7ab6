import DataLoader from 'dataloader';
import type { Batch } from '../../../src/backend/define/batch.ts';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import type { Principal } from '../../../src/request/principal.ts';
import type { Feature } from '../features.ts';

/** True if a limit admits one more execution of a field. */
export type Admit = (coordinate: string, limit: number) => boolean;

type AnyLoader = DataLoader<unknown, unknown, unknown>;

/** One DataLoader for each loader; failures are not cached. */
const dataLoader = ({ load, keyOf, maxSize }: Batch<unknown, unknown>): AnyLoader => {
  const loader: AnyLoader = new DataLoader(
    async (keys) => {
      const found = await load(keys);
      return keys.map((key) => {
        const value = found.get(keyOf(key)) ?? null;
        return value instanceof Error ? value : { value };
      });
    },
    { cacheKeyFn: keyOf, maxBatchSize: maxSize },
  );
  return loader;
};

const bound = (loader: AnyLoader) => {
  const load = async (key: unknown): Promise<unknown> => {
    try {
      return Reflect.get(Object(await loader.load(key)), 'value');
    } catch (error) {
      loader.clear(key);
      throw error;
    }
  };
  const orError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
  return { load, loadMany: (keys: readonly unknown[]) => Promise.all(keys.map((key) => load(key).catch(orError))) };
};

export type Loaders = Readonly<Record<string, ReturnType<typeof bound>>>;

interface Options {
  readonly modules: readonly SchemaModule[];
  readonly principal: Principal;
  readonly admit: Admit;
  /** True if null in a non-null place fails that place alone. */
  readonly apart: boolean;
  /** Variables as the client sent them. */
  readonly sent: Readonly<Record<string, unknown>>;
}

/** State of one operation of one principal, or of one root field of a mutation. */
export class Request {
  readonly principal: Principal;
  readonly admit: Admit;
  readonly features: Set<Feature>;
  readonly apart: boolean;
  readonly sent: Readonly<Record<string, unknown>>;
  readonly #options: Options;
  readonly #loaders = new Map<string, Loaders>();

  constructor(options: Options, features = new Set<Feature>()) {
    this.#options = options;
    this.principal = options.principal;
    this.admit = options.admit;
    this.apart = options.apart;
    this.sent = options.sent;
    this.features = features;
  }

  /** Loaders of a module, shared within this state. */
  loaders(name: string): Loaders {
    const known = this.#loaders.get(name);
    if (known !== undefined) return known;
    const declared = this.#options.modules.find((module) => module.name === name)?.loaders({}) ?? {};
    const made = Object.fromEntries(Object.entries(declared).map(([one, batch]) => [one, bound(dataLoader(batch))]));
    this.#loaders.set(name, made);
    return made;
  }

  /** The same state with nothing loaded, for a root field of a mutation: earlier fields may still be running. */
  anew(): Request {
    return new Request(this.#options, this.features);
  }
}
