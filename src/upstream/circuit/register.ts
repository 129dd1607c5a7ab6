import { type Circuit, closed } from './state.ts';

/** A circuit and whose it is. */
export interface Kept {
  /** Null where the endpoint has one circuit for all routes. */
  readonly route: string | null;
  circuit: Circuit;
}

/** The circuits of one endpoint. */
export interface Register {
  /** Undefined for a route that is not known (any more): its circuit is closed. */
  find(route: string): Kept | undefined;
  /** The route's circuit, a new one if need be, as the one used last. */
  use(route: string): Kept;
  all(): Iterable<Kept>;
  has(kept: Kept): boolean;
}

export const oneForAll = (): Register => {
  const kept: Kept = { route: null, circuit: closed(0) };
  return { find: () => kept, use: () => kept, all: () => [kept], has: (other) => other === kept };
};

/** Routes of one endpoint that are remembered. */
export const MOST_ROUTES = 200;

/** One for each route. Beyond the bound the closed one that was not used for the longest goes; with none closed, any. */
export const oneForEachRoute = (): Register => {
  // The one used last is last.
  const routes = new Map<string, Kept>();
  const forgetOne = (): void => {
    let [goes] = routes.keys();
    for (const [route, { circuit }] of routes) {
      if (circuit.state !== 'closed') continue;
      goes = route;
      break;
    }
    if (goes !== undefined) routes.delete(goes);
  };
  return {
    find: (route) => routes.get(route),
    use: (route) => {
      const known = routes.get(route);
      if (known === undefined && routes.size >= MOST_ROUTES) forgetOne();
      const kept = known ?? { route, circuit: closed(0) };
      routes.delete(route);
      routes.set(route, kept);
      return kept;
    },
    all: () => routes.values(),
    has: (kept) => kept.route !== null && routes.get(kept.route) === kept,
  };
};
