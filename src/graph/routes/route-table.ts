import { ROUTE_METHODS, type RouteMethod, type RoutePattern } from '../../backend/routes/route-pattern.ts';

/** Values of the variables of a path, as in the path of the request. */
export type PathVariables = Readonly<Record<string, string>>;

/** An entry with the values of its variables. */
export interface FoundRoute<Entry> {
  readonly entry: Entry;
  readonly variables: PathVariables;
}

interface Leaf<Entry> {
  readonly names: readonly string[];
  readonly entry: Entry;
}

type Leaves<Entry> = Map<RouteMethod, Leaf<Entry>>;

interface TableNode<Entry> {
  readonly fixed: Map<string, TableNode<Entry>>;
  variable: TableNode<Entry> | null;
  /** Routes that end here. */
  readonly ends: Leaves<Entry>;
  /** Routes that take all further segments. */
  readonly rests: Leaves<Entry>;
}

const newNode = <Entry>(): TableNode<Entry> => ({
  fixed: new Map(),
  variable: null,
  ends: new Map(),
  rests: new Map(),
});

const isMethodOf = <Entry>(leaves: Leaves<Entry>, method: string): Leaf<Entry> | undefined =>
  // A method of HTTP that is no key of the map is simply not found.
  leaves.get(method as RouteMethod) ?? (method === 'HEAD' ? leaves.get('GET') : undefined);

/**
 * Routes by method and path. A fixed segment precedes a variable, and a variable precedes `{name=**}`. Segments are
 * compared as they are, with case and percent-encoding; a variable matches one segment that is not empty.
 */
export class RouteTable<Entry> {
  readonly #root: TableNode<Entry> = newNode();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add({ method, segments }: Pick<RoutePattern, 'method' | 'segments'>, entry: Entry): void {
    let node = this.#root;
    const names: string[] = [];
    let takesRest = false;
    for (const segment of segments) {
      if (segment.is === 'fixed') {
        const next = node.fixed.get(segment.text) ?? newNode<Entry>();
        node.fixed.set(segment.text, next);
        node = next;
        continue;
      }
      names.push(segment.name);
      if (segment.is === 'rest') takesRest = true;
      else {
        node.variable ??= newNode();
        node = node.variable;
      }
    }
    (takesRest ? node.rests : node.ends).set(method, { names, entry });
    this.#size += 1;
  }

  /** Returns the route of a request; null for none. The path is valid, see `pathFault`. */
  find(method: string, path: string): FoundRoute<Entry> | null {
    return this.#search(path, (leaves, values) => {
      const leaf = isMethodOf(leaves, method);
      if (leaf === undefined) return null;
      const variables: Record<string, string> = {};
      for (const [at, name] of leaf.names.entries()) variables[name] = values[at] ?? '';
      return { entry: leaf.entry, variables };
    });
  }

  /** Returns the methods of the routes with this path. */
  methodsOf(path: string): readonly string[] {
    const methods = new Set<string>();
    this.#search(path, (leaves) => {
      for (const method of leaves.keys()) methods.add(method);
      if (leaves.has('GET')) methods.add('HEAD');
      return null;
    });
    return ROUTE_METHODS.filter((method) => methods.has(method));
  }

  /** Calls `accept` for the routes of a path, the most specific first, until it returns a result. */
  #search<Result>(path: string, accept: (leaves: Leaves<Entry>, values: readonly string[]) => Result | null) {
    const values: string[] = [];
    const from = (node: TableNode<Entry>, start: number): Result | null => {
      if (start > path.length) return accept(node.ends, values);
      const slash = path.indexOf('/', start);
      const end = slash === -1 ? path.length : slash;
      const text = path.slice(start, end);
      const fixed = node.fixed.get(text);
      const found = fixed === undefined ? null : from(fixed, end + 1);
      if (found !== null || text === '') return found;
      if (node.variable !== null) {
        values.push(text);
        const below = from(node.variable, end + 1);
        if (below !== null) return below;
        values.pop();
      }
      if (node.rests.size === 0) return null;
      values.push(path.slice(start));
      const rest = accept(node.rests, values);
      if (rest === null) values.pop();
      return rest;
    };
    return from(this.#root, 1);
  }
}
