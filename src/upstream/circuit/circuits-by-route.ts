import { type Circuit, closed } from './state.ts';

/** A circuit and its route. */
export interface Kept {
  /** Null if all routes share one circuit. */
  readonly route: string | null;
  circuit: Circuit;
}

/** The circuits of one endpoint. */
export interface Register {
  /** Undefined for an unknown or dropped route: its circuit is closed. */
  find(route: string): Kept | undefined;
  /** Returns the route's circuit, created if missing, and marks it as the most recently used. */
  use(route: string): Kept;
  all(): Iterable<Kept>;
  has(kept: Kept): boolean;
}

export const oneForAll = (): Register => {
  const kept: Kept = { route: null, circuit: closed(0) };
  return { find: () => kept, use: () => kept, all: () => [kept], has: (other) => other === kept };
};

/** Maximum number of routes of one endpoint. */
export const MAX_ROUTES = 200;

/**
 * One circuit for each route. Beyond the maximum, the least recently used closed one is dropped, or any if none is
 * closed.
 */
export const oneForEachRoute = (): Register => {
  // Ordered by use: the most recently used is last.
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
      if (known === undefined && routes.size >= MAX_ROUTES) forgetOne();
      const kept = known ?? { route, circuit: closed(0) };
      routes.delete(route);
      routes.set(route, kept);
      return kept;
    },
    all: () => routes.values(),
    has: (kept) => kept.route !== null && routes.get(kept.route) === kept,
  };
};
