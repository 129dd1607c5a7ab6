import { secretHeadersOf } from '../../../backend/credentials/own-credentials.ts';
import { isRowPolicy } from '../../../backend/define/row-policy.ts';
import type { RestUpstream } from '../../../backend/define/upstream-options.ts';
import type { DeclaredRoute } from '../../../backend/routes/pass.ts';
import { type HeaderRuleOptions, PASS_OPTIONS, WEBSOCKET_OPTIONS } from '../../../backend/routes/route-options.ts';
import { type RoutePattern, readRoutePattern, readTarget } from '../../../backend/routes/route-pattern.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { NEVER_FORWARDED } from '../../../request/headers.ts';
import { trafficSettings } from '../../../upstream/options.ts';
import { isNone } from '../../directives/authorization/requirement.ts';
import { routeRequirement } from '../../routes/route-requirement.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { type OptionProblem, optionProblems } from '../upstreams/option-errors.ts';
import { isReservedPath } from './reserved-paths.ts';

const isRoute = (value: unknown): value is DeclaredRoute =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  (value.kind === 'pass' || value.kind === 'websocket');

/** The routes of one key. Values that are no routes are reported, and left out. */
export const routesIn = (declared: unknown): readonly DeclaredRoute[] =>
  (Array.isArray(declared) ? declared : [declared]).filter(isRoute);

/** Version of Node with a decision for each upgrade. Without it, every offer of HTTP/2 would end its request. */
const UPGRADES_SINCE = [24, 9] as const;

const decidesUpgrades = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > UPGRADES_SINCE[0] || (major === UPGRADES_SINCE[0] && minor >= UPGRADES_SINCE[1]);
};

const wrongPath = (
  { path, segments, method }: RoutePattern,
  routes: readonly DeclaredRoute[],
): readonly OptionProblem[] => {
  const problems: OptionProblem[] = [];
  if (segments[0]?.is !== 'fixed')
    problems.push(['begins with a variable, and would match /graphql and /livez', 'begin with a fixed segment']);
  else if (isReservedPath(path)) problems.push([`has a path of the gateway itself`, 'use another first segment']);
  if (!routes.some(({ kind }) => kind === 'websocket')) return problems;
  if (method !== 'GET') problems.push([`connects WebSockets with ${method}`, 'use GET']);
  if (!decidesUpgrades(process.versions.node))
    problems.push([`connects WebSockets, which Node ${process.versions.node} cannot decide`, 'use Node 24.9 or newer']);
  return problems;
};

const wrongUpstreamName = ({ module }: ParsedModule, { upstream, kind }: DeclaredRoute): readonly OptionProblem[] => {
  const definition = Object.hasOwn(module.upstreams, upstream) ? module.upstreams[upstream] : undefined;
  if (definition?.protocol === 'rest') return [];
  const rests = Object.keys(module.upstreams).filter((name) => module.upstreams[name]?.protocol === 'rest');
  const nearest = nearestSuggestion(upstream, rests);
  const fix = nearest === null ? `declare ${upstream}: rest({ … })` : `use ${nearest}`;
  return [[`passes to ${JSON.stringify(upstream)}, which is no REST upstream of this module`, `${fix} in ${kind}(…)`]];
};

/** Headers that a route must not change, each with the fix. */
const OF_THE_GATEWAY: Readonly<Record<string, string>> = {
  authorization: "use forward: { identity: 'token' } of the upstream",
  cookie: 'remove it: cookies are never forwarded',
  forwarded: 'use forward: { client: true } of the upstream',
  'idempotency-key': 'remove it: it always passes, as a key of its caller',
  traceparent: 'remove it: it is that of the request’s trace',
  tracestate: 'remove it: it is that of the request’s trace',
  'x-request-id': 'remove it: it is that of the request',
};

const FORWARDING = /^x-(?:forwarded|client|real-ip|envoy)/;

const whyNotSent = (name: string, definition: RestUpstream): string | null => {
  const { deadlineHeader, attemptHeader } = trafficSettings(definition);
  if (Object.hasOwn(OF_THE_GATEWAY, name)) return OF_THE_GATEWAY[name] ?? null;
  if (FORWARDING.test(name)) return 'use forward of the upstream';
  if (secretHeadersOf(definition).has(name)) return 'remove it: the upstream sets it to a secret';
  if (name === deadlineHeader || name === attemptHeader) return 'remove it: the upstream sets it';
  if (name === 'content-type' || name === 'content-encoding') return null;
  return NEVER_FORWARDED.has(name) || name.startsWith('sec-websocket-')
    ? 'remove it: it belongs to the connection'
    : null;
};

const OF_ANSWERS: ReadonlySet<string> = new Set(['content-type', 'content-encoding']);

const whyNotAnswered = (name: string): string | null => {
  if (name.startsWith('access-control-')) return 'set CORS_ORIGINS instead';
  if (name === 'x-request-id' || name === 'x-trace-id' || name === 'date') return 'remove it: the gateway sets it';
  return NEVER_FORWARDED.has(name) && !OF_ANSWERS.has(name) ? 'remove it: it belongs to the connection' : null;
};

const wrongHeaders = (
  rules: HeaderRuleOptions | undefined,
  option: string,
  whyNot: (name: string) => string | null,
): readonly OptionProblem[] =>
  [...(rules?.allow ?? []), ...Object.keys(rules?.set ?? {})].flatMap((name) => {
    const fix = whyNot(name.toLowerCase());
    return fix === null ? [] : [[`has ${name} in ${option}`, fix] as const];
  });

const wrongRoute = (
  reading: ParsedModule,
  pattern: RoutePattern,
  route: DeclaredRoute,
  key: string,
): readonly OptionProblem[] => {
  const known = route.kind === 'pass' ? PASS_OPTIONS : WEBSOCKET_OPTIONS;
  const ofOptions = optionProblems(`route ${JSON.stringify(key)}`, route.options, known);
  if (ofOptions.length > 0) return ofOptions;
  const about = ([problem, fix]: OptionProblem): OptionProblem => [`route ${JSON.stringify(key)} ${problem}`, fix];
  const definition = reading.module.upstreams[route.upstream];
  const target = readTarget(route.target, pattern);
  return [
    ...wrongUpstreamName(reading, route),
    ...(target.is === 'invalid' ? [[target.problem, target.fix] as const] : []),
    ...(definition?.protocol === 'rest'
      ? wrongHeaders(route.options.requestHeaders, 'requestHeaders', (name) => whyNotSent(name, definition))
      : []),
    ...(route.kind === 'pass' ? wrongHeaders(route.options.responseHeaders, 'responseHeaders', whyNotAnswered) : []),
    ...wrongPolicies(reading, route),
    ...contradictoryOptions(reading, route),
  ].map(about);
};

const wrongPolicies = ({ module }: ParsedModule, { options }: DeclaredRoute): readonly OptionProblem[] =>
  (options.policies ?? []).flat().flatMap((name) => {
    if (name.startsWith('role:')) return [];
    if (Object.hasOwn(module.policies, name))
      return isRowPolicy(module.policies[name])
        ? [[`uses the policy ${name}, which decides on rows, and a route has none`, 'write a function']]
        : [];
    const nearest = nearestSuggestion(name, Object.keys(module.policies));
    return [
      [`uses the policy ${name}, which does not exist`, nearest === null ? 'add it to policies' : `use ${nearest}`],
    ];
  });

const contradictoryOptions = ({ module }: ParsedModule, { options }: DeclaredRoute): readonly OptionProblem[] =>
  options.public === true && !isNone(routeRequirement(module.name, options))
    ? [['is public, but it has requirements', 'remove public, or the requirements']]
    : [];

/** Reports pass-through routes that cannot be served as declared. */
export const wrongRoutes = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.entries(reading.module.routes ?? {}).flatMap(([key, declared]) => {
    const report = ([problem, fix]: OptionProblem) => inIndex(reading, problem, fix);
    const about = ([problem, fix]: OptionProblem) => report([`route ${JSON.stringify(key)} ${problem}`, fix]);
    const pattern = readRoutePattern(key);
    if (pattern.is === 'invalid') return [about([pattern.problem, pattern.fix])];
    const routes = routesIn(declared);
    const isInvalid = routes.length === 0 || routes.length < [declared].flat().length;
    const none: readonly OptionProblem[] = isInvalid
      ? [['has a value that is no route', "use pass('upstream') or websocket('upstream'), or a list of them"]]
      : [];
    // A route without conditions takes every request.
    const last = routes.findIndex(({ options: { when = {} } }) => Object.keys(when).length === 0);
    const unreachable: readonly OptionProblem[] =
      last !== -1 && last < routes.length - 1
        ? [['has routes after one without conditions, which are never used', 'move that one to the end']]
        : [];
    return [
      ...[...none, ...unreachable, ...wrongPath(pattern.value, routes)].map(about),
      ...routes.flatMap((route) => wrongRoute(reading, pattern.value, route, key)).map(report),
    ];
  });
