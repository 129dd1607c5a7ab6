import type { SchemaModule } from '../../backend/module.ts';

type Batches = ReturnType<SchemaModule['loaders']>;

/** What became of a module's loaders when they were made with clients that reach nobody. */
export type MadeLoaders =
  | { readonly is: 'made'; readonly names: ReadonlySet<string>; readonly batches: Batches }
  | { readonly is: 'failed'; readonly reason: string };

const standInClient = (upstream: string): object =>
  new Proxy(
    {},
    {
      get: (_client, method) => {
        // Nobody may take it for a promise, or for a value with a text.
        if (typeof method === 'symbol' || method === 'then') return undefined;
        return () => {
          throw new Error(`${upstream}.${method} is called while the loaders are made`);
        };
      },
    },
  );

const standInClients = (upstreams: readonly string[]): Readonly<Record<string, unknown>> =>
  new Proxy(Object.fromEntries(upstreams.map((upstream) => [upstream, standInClient(upstream)])), {
    get: (clients, name) => {
      if (typeof name === 'string' && !Object.hasOwn(clients, name)) throw new Error(`there is no upstream "${name}"`);
      return Reflect.get(clients, name);
    },
  });

/** Makes a module's loaders as a request would, but calls nothing. */
export const makeLoaders = (module: SchemaModule): MadeLoaders => {
  try {
    const batches = module.loaders(standInClients(Object.keys(module.upstreams)));
    return { is: 'made', names: new Set(Object.keys(batches)), batches };
  } catch (error) {
    return { is: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
};
