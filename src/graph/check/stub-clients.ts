import type { SchemaModule } from '../../backend/define/module.ts';

type Batches = ReturnType<SchemaModule['loaders']>;

/** Result of calling a module's loaders() with clients that call no upstream. */
export type MadeLoaders =
  | { readonly is: 'made'; readonly names: ReadonlySet<string>; readonly batches: Batches }
  | { readonly is: 'failed'; readonly reason: string };

const standInClient = (upstream: string): object =>
  new Proxy(
    {},
    {
      get: (_client, method) => {
        // A client must not look like a promise, and has no conversion to text.
        if (typeof method === 'symbol' || method === 'then') return undefined;
        return () => {
          throw new Error(`${upstream}.${method} was called in loaders()`);
        };
      },
    },
  );

const standInClients = (upstreams: readonly string[]): Readonly<Record<string, unknown>> =>
  new Proxy(Object.fromEntries(upstreams.map((upstream) => [upstream, standInClient(upstream)])), {
    get: (clients, name) => {
      if (typeof name === 'string' && !Object.hasOwn(clients, name)) throw new Error(`unknown upstream "${name}"`);
      return Reflect.get(clients, name);
    },
  });

/** Calls a module's loaders() as a request would, with clients that fail on every call. */
export const makeLoadersWithStubs = (module: SchemaModule): MadeLoaders => {
  try {
    const batches = module.loaders(standInClients(Object.keys(module.upstreams)));
    return { is: 'made', names: new Set(Object.keys(batches)), batches };
  } catch (error) {
    return { is: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
};

const known = new WeakMap<SchemaModule, Batches>();

/** The loaders of a module as declared, memoized; none if loaders() fails. */
export const batchesOf = (module: SchemaModule): Batches => {
  const found = known.get(module);
  if (found !== undefined) return found;
  const made = makeLoadersWithStubs(module);
  const batches = made.is === 'made' ? made.batches : {};
  known.set(module, batches);
  return batches;
};
