import type { PathParameter } from '../rest/path.ts';
import type { PassRoute, WebSocketRoute } from '../routes/pass.ts';
import type { RouteMethod } from '../routes/route-pattern.ts';
import type { IsAny } from './misfit.ts';
import type { Problem } from './problem.ts';

type RestNames<U> = {
  [Name in keyof U]: U[Name] extends { readonly protocol: 'grpc' | 'graphql' } ? never : Name;
}[keyof U];

/** The problem of one route, as text; never for a valid one. */
type RouteProblem<Path extends string, U, Upstream extends string, Target extends string> = [Upstream] extends [
  RestNames<U>,
]
  ? [Target] extends [`/${string}`]
    ? [Exclude<PathParameter<Target>, PathParameter<Path>>] extends [never]
      ? never
      : `the path of the route has no {${Exclude<PathParameter<Target>, PathParameter<Path>>}}`
    : 'the target of a route begins with /'
  : `${Upstream} is no REST upstream of this module`;

type ProblemOf<Path extends string, U, Given> = Given extends
  | PassRoute<infer Upstream, infer Target>
  | WebSocketRoute<infer Upstream, infer Target>
  ? RouteProblem<Path, U, Upstream, Target>
  : Given extends readonly (infer Each)[]
    ? ProblemOf<Path, U, Each>
    : 'not a pass(…) or websocket(…)';

type CheckedRoute<Key, U, Given> =
  IsAny<Given> extends true
    ? unknown
    : Key extends `${RouteMethod} ${infer Path extends `/${string}`}`
      ? [ProblemOf<Path, U, Given>] extends [never]
        ? unknown
        : Problem<ProblemOf<Path, U, Given>>
      : Problem<'a route is a method and a path: GET /files/{id}'>;

/** Checks the pass-through routes of a module against its upstreams. */
export type CheckedRoutes<U, Given> = { readonly [Key in keyof Given]: CheckedRoute<Key, U, Given[Key]> };
