import { type Backend, bindBackend } from '../../backend/bind/bind.ts';
import { BatchScheduler } from '../../backend/bind/key-loader.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import type { DeclaredRoute } from '../../backend/routes/pass.ts';
import { type PatternReading, readRoutePattern, readTarget } from '../../backend/routes/route-pattern.ts';
import type { CacheStore } from '../../cache/store.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { OpenLimiter } from '../../rate-limit/limiter.ts';
import type { ReceivedHeaders } from './header-rules.ts';
import { PassThroughRoute } from './pass-through-route.ts';
import { pathFault, queryFault } from './request-path.ts';
import { type PathVariables, RouteTable } from './route-table.ts';

/** The request line and the headers of a request. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as received. */
  readonly url: string;
  readonly headers: ReceivedHeaders;
  readonly host: string;
}

/** Result of the search for a route. */
export type RouteMatch =
  | {
      readonly is: 'found';
      readonly route: PassThroughRoute;
      readonly variables: PathVariables;
      /** With its question mark; empty for none. */
      readonly query: string;
    }
  /** No route has this path, or conditions that hold. */
  | { readonly is: 'none' }
  /** Routes with this path have other methods. */
  | { readonly is: 'other-method'; readonly methods: readonly string[] }
  /** Routes with this path are for bodies of other types. */
  | { readonly is: 'other-type' }
  /** The path or the query is refused. */
  | { readonly is: 'invalid'; readonly reason: string };

/** A route that was found, with the values of the request. */
export type FoundMatch = Extract<RouteMatch, { is: 'found' }>;

/** The pass-through routes of all modules. */
export interface Routes {
  readonly all: readonly PassThroughRoute[];
  match(head: RequestHead): RouteMatch;
  /** Methods of the routes with the path of this URL. */
  methodsOf(url: string): readonly string[];
}

const NONE: RouteMatch = { is: 'none' };

export const NO_ROUTES: Routes = { all: [], match: () => NONE, methodsOf: () => [] };

export interface RoutesOptions {
  readonly modules: readonly SchemaModule[];
  readonly backends: ReadonlyMap<string, Backend>;
  readonly openLimiter: OpenLimiter;
  readonly store: CacheStore | null;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** The checks at the start have reported invalid routes. */
const valid = <Value>(read: PatternReading<Value>): Value => {
  if (read.is === 'invalid') throw new Error(`A route ${read.problem}: ${read.fix}.`);
  return read.value;
};

const splitUrl = (url: string): readonly [path: string, query: string] => {
  const at = url.indexOf('?');
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at)];
};

const choose = (
  alternatives: readonly PassThroughRoute[],
  { headers, host }: RequestHead,
  variables: PathVariables,
  query: string,
): RouteMatch => {
  let isOfOtherType = false;
  for (const route of alternatives) {
    const result = route.conditions.check(headers, host);
    if (result === 'holds') return { is: 'found', route, variables, query };
    if (result === 'type') isOfOtherType = true;
  }
  return isOfOtherType ? { is: 'other-type' } : NONE;
};

const routesOf = ({
  modules,
  backends,
  openLimiter,
  store,
  clock = systemClock,
}: RoutesOptions): readonly (readonly PassThroughRoute[])[] => {
  const policies = new Map(modules.map(({ name, policies }) => [name, policies]));
  return modules.flatMap((module) =>
    Object.entries(module.routes ?? {}).map(([key, declared]) => {
      const pattern = valid(readRoutePattern(key));
      const alternatives: readonly DeclaredRoute[] = [declared].flat();
      return alternatives.map((one) => {
        const backend = backends.get(module.name);
        const upstream = backend?.upstreams[one.upstream];
        if (backend === undefined || upstream?.definition.protocol !== 'rest')
          throw new Error(`${module.name}: ${key} has no REST upstream.`);
        const { definition } = upstream;
        return new PassThroughRoute({
          module: module.name,
          pattern,
          declared: one,
          alternatives,
          target: valid(readTarget(one.target, pattern)),
          upstream: { ...upstream, definition },
          policies,
          bind: (request) => bindBackend(backend, request, { scheduler: new BatchScheduler(), clock }),
          openLimiter,
          store,
        });
      });
    }),
  );
};

/** Opens the pass-through routes of these modules. */
export const openRoutes = (options: RoutesOptions): Routes => {
  const table = new RouteTable<readonly PassThroughRoute[]>();
  const all = routesOf(options);
  for (const alternatives of all) for (const { pattern } of alternatives.slice(0, 1)) table.add(pattern, alternatives);
  if (table.size === 0) return NO_ROUTES;
  return {
    all: all.flat(),
    match: (head) => {
      const [path, query] = splitUrl(head.url);
      const reason = pathFault(path) ?? queryFault(query);
      if (reason !== null) return { is: 'invalid', reason };
      const found = table.find(head.method, path);
      if (found !== null) return choose(found.entry, head, found.variables, query);
      const methods = table.methodsOf(path);
      return methods.length === 0 ? NONE : { is: 'other-method', methods };
    },
    methodsOf: (url) => {
      const [path] = splitUrl(url);
      return pathFault(path) === null ? table.methodsOf(path) : [];
    },
  };
};

/** State of the routes, for operators. */
export const routeStatus = ({ all }: Routes): readonly object[] =>
  all.map(({ pattern, module, upstream, settings, requirement, quota, cache, inFlight }) => ({
    route: `${pattern.method} ${pattern.path}`,
    kind: settings.kind,
    module,
    upstream,
    when: settings.when ?? null,
    authenticated: requirement.authenticated || requirement.scopes.length > 0 || requirement.policies.length > 0,
    rateLimit: quota,
    cache: cache !== null,
    inFlight,
  }));
