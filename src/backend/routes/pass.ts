import type { PassOptions, WebSocketOptions } from './route-options.ts';

/** Names of an upstream and of a path, for the compiler. */
interface Passed<Upstream extends string, Target extends string> {
  /** Name of a REST upstream of the module. */
  readonly upstream: Upstream;
  /** Path below that of the endpoint; null for the path of the route. */
  readonly target: Target | null;
}

/** A route that passes requests on to a REST upstream, as they are. */
export interface PassRoute<Upstream extends string = string, Target extends string = string>
  extends Passed<Upstream, Target> {
  readonly kind: 'pass';
  readonly options: PassOptions;
}

/** A route that connects WebSockets to a REST upstream. */
export interface WebSocketRoute<Upstream extends string = string, Target extends string = string>
  extends Passed<Upstream, Target> {
  readonly kind: 'websocket';
  readonly options: WebSocketOptions;
}

/** A pass-through route as its module declares it. */
export type DeclaredRoute = PassRoute | WebSocketRoute;

/** `<METHOD> <path>` -> a route, or routes with conditions of which the first that holds is used. */
export type DeclaredRoutes = Readonly<Record<string, DeclaredRoute | readonly DeclaredRoute[]>>;

interface Declare<Options, Kind extends 'pass' | 'websocket'> {
  /** To the path of the route. */
  <const Upstream extends string>(
    upstream: Upstream,
    options?: Options,
  ): Kind extends 'pass' ? PassRoute<Upstream, never> : WebSocketRoute<Upstream, never>;
  /** To another path, with variables of the route in braces. */
  <const Upstream extends string, const Target extends string>(
    upstream: Upstream,
    target: Target,
    options?: Options,
  ): Kind extends 'pass' ? PassRoute<Upstream, Target> : WebSocketRoute<Upstream, Target>;
}

const declared =
  (kind: 'pass' | 'websocket') =>
  (upstream: string, second: unknown, third: unknown): unknown =>
    typeof second === 'string'
      ? { kind, upstream, target: second, options: third ?? {} }
      : { kind, upstream, target: null, options: second ?? {} };

/**
 * Passes requests of a route on to a REST upstream, and its answers back, as streams: `pass('files', '/v2/files/{id}')`.
 * The path is that of the route unless another one is set.
 */
// Overloads are types only: the function makes what they declare.
export const pass = declared('pass') as Declare<PassOptions, 'pass'>;

/** Connects the WebSockets of a route to a REST upstream: `websocket('feed')`. */
export const websocket = declared('websocket') as Declare<WebSocketOptions, 'websocket'>;
