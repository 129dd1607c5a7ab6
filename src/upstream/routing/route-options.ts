import { z } from 'zod';
import { nearestSuggestion } from '../../core/suggest.ts';
import { HEADER_NAME } from '../../request/headers.ts';
import { type Fix, group, named, oneOfOption, option, required } from '../option-kinds.ts';
import { CANARY, type CanaryOptions, type CanarySettings } from '../release/canary-options.ts';
import { SHADOW, type ShadowOptions, type ShadowSettings } from '../release/shadow-options.ts';
import { CALLER_KEY, type CallerKey } from './caller-key.ts';

/* Options of `routing`. Their comments are the rows of docs/routing.md, as those of src/upstream/options.ts. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text in which `*` is any text; a list of them; or true for any value. */
export type Pattern = string | readonly string[] | true;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const isPattern = (value: unknown): boolean =>
  value === true || isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));

const A_PATTERN = 'a text in which * is any text, a list of them, or true for any value';

export const patternFix: Fix = (value) => (isPattern(value) ? null : `use ${A_PATTERN}`);

export const patternsFix =
  (name: RegExp, example: string): Fix =>
  (value) =>
    isRecord(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(([each, pattern]) => name.test(each) && isPattern(pattern))
      ? null
      : `use an object such as ${example}; a value is ${A_PATTERN}`;

export type Patterns = Readonly<Record<string, Pattern>>;

/** Conditions of a route. */
export const WHEN = group({
  /** Headers of the request, by name. */
  header: option<Patterns>(patternsFix(HEADER_NAME, "{ 'x-beta': 'on' }")).optional(),
  /** Cookies of the request, by name. */
  cookie: option<Patterns>(patternsFix(HEADER_NAME, "{ beta: 'on' }")).optional(),
  /** Claims of the caller's token, by name; of a list, one entry is enough. */
  claim: option<Patterns>(patternsFix(/./, "{ plan: ['gold', 'silver'] }")).optional(),
  /** Arguments of the operation's root fields: `{ 'order.id': 'eu-*' }`. */
  argument: option<Patterns>(patternsFix(/^\w+(\.\w+)+$/, "{ 'order.id': 'eu-*' }")).optional(),
  /** Name that the client sends in `apollographql-client-name`. */
  client: option<Pattern>(patternFix).optional(),
  /** Version that the client sends in `apollographql-client-version`. */
  clientVersion: option<Pattern>(patternFix).optional(),
  /** Name of the operation. */
  operation: option<Pattern>(patternFix).optional(),
  /** Kind of the operation. */
  kind: oneOfOption('query', 'mutation').optional(),
}).superRefine((when, context) => {
  if (Object.keys(when).length > 0 || context.issues.length > 0) return;
  context.addIssue({ code: 'custom', message: 'add a condition, or remove when: the route then holds for every call' });
});

const SUBSET_NAME = /^[A-Za-z][\w-]{0,31}$/;
const LABEL = /^[\w.-]{1,64}$/;

const isLabels = (value: unknown): boolean =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([name, text]) => LABEL.test(name) && typeof text === 'string' && LABEL.test(text));

const subsetsFix: Fix = (value) =>
  isRecord(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([name, labels]) => SUBSET_NAME.test(name) && isLabels(labels))
    ? null
    : "use names of subsets with the labels of their endpoints, as in { v1: { version: 'v1' } }";

/** Weights of subsets, by name. */
export type Weights = Readonly<Record<string, number>>;

const isWeight = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** The fix of invalid weights; null for valid ones. */
export const weightsFix: Fix = (value) =>
  isRecord(value) && Object.values(value).every(isWeight) && Object.values(value).some((weight) => weight !== 0)
    ? null
    : 'use weights of at least 0, one of them above 0, as in { v1: 90, v2: 10 }';

const toFix: Fix = (value) =>
  isText(value) || weightsFix(value) === null
    ? null
    : 'use the name of a subset, or weights of at least 0, as in { v1: 90, v2: 10 }';

const stickyFix: Fix = (value) =>
  CALLER_KEY.safeParse(value).success ? null : "use 'client', { header: 'x-user' } or { claim: 'sub' }";

const fallbackFix: Fix = (value) =>
  value === false || isText(value) ? null : 'use the name of a subset, or false for none';

/** A route without its release: what operators can set too. */
export const ROUTE = group({
  /** Conditions, all of which must hold. Default none: the route holds for every call. */
  when: z.optional(WHEN),
  /** Name of a subset, or weights of several: `{ v1: 90, v2: 10 }`. Required. */
  to: required<string | Weights>("to: 'v1'", toFix),
  /**
   * Keeps a caller in one subset: `'client'` (its address), `{ header: 'x-user' }` or `{ claim: 'sub' }`. Default none:
   * each call is drawn by weight, as in Envoy and Istio. A caller without the value is drawn too.
   */
  sticky: option<CallerKey>(stickyFix).optional(),
  /**
   * Subset that receives the calls while the chosen one has no usable endpoint. Default false: a failing version must
   * not move its load to another one unnoticed.
   */
  fallback: option<string | false>(fallbackFix).default(false),
});

/** A route of a module. */
const MODULE_ROUTE = group({
  ...ROUTE.shape,
  /** [Canary](#guarded-canary) that is stopped if it is worse than the other subset of `to`. Default none. */
  canary: named<CanarySettings, CanaryOptions>(CANARY).optional(),
}).superRefine(({ to, canary }, context) => {
  if (canary === undefined || context.issues.length > 0) return;
  const names = typeof to === 'string' ? [] : Object.keys(to);
  if (names.length === 2 && names.includes(canary.subset)) return;
  const message = 'use weights of two subsets in to, and the name of one of them here';
  context.addIssue({ code: 'custom', path: ['canary', 'subset'], message, params: { shown: 'not one of two' } });
});

export type ModuleRouteSettings = z.output<typeof MODULE_ROUTE>;

export interface RouteOptions extends z.input<typeof MODULE_ROUTE> {}
export type RouteSettings = z.output<typeof ROUTE>;
export type RouteCondition = z.output<typeof WHEN>;

/** Names of subsets in a route, each with the path of its option. */
const namesIn = ({ to, fallback }: RouteSettings): readonly (readonly [path: readonly string[], name: string])[] => [
  ...(typeof to === 'string' ? [[['to'], to] as const] : Object.keys(to).map((name) => [['to', name], name] as const)),
  ...(fallback === false ? [] : [[['fallback'], fallback] as const]),
];

/** Subsets that routes name and that do not exist: path, name and fix. */
export const unknownSubsets = (
  routes: readonly RouteSettings[],
  subsets: readonly string[],
): readonly { readonly path: readonly (string | number)[]; readonly name: string; readonly fix: string }[] =>
  routes.flatMap((route, index) =>
    namesIn(route)
      .filter(([, name]) => !subsets.includes(name))
      .map(([path, name]) => {
        const suggestion = nearestSuggestion(name, subsets);
        const fix = suggestion === null ? `use one of ${subsets.join(', ')}` : `use ${suggestion}`;
        return { path: [index, ...path], name, fix };
      }),
  );

/** Maximum number of routes of an upstream, or of an override. */
export const MAX_ROUTING_ROUTES = 50;

export const ROUTING = group({
  /** Subsets of the endpoints: name, and the labels that an endpoint must have. Required. */
  subsets: required<Readonly<Record<string, Readonly<Record<string, string>>>>>(
    "subsets: { v1: { version: 'v1' }, v2: { version: 'v2' } }",
    subsetsFix,
  ),
  /** Routes in order: the first one whose `when` holds is used. The last one has no `when`. Required. */
  routes: z
    .array(MODULE_ROUTE, "use a list of routes, as in [{ to: 'v1' }]")
    .min(1, "add a route, as in { to: 'v1' }")
    .max(MAX_ROUTING_ROUTES, `use at most ${MAX_ROUTING_ROUTES} routes`)
    .readonly(),
  /** [Reads that are also sent to another subset](#shadow). Default none. */
  shadow: named<ShadowSettings, ShadowOptions>(SHADOW).optional(),
}).superRefine(({ subsets, routes, shadow }, context) => {
  if (shadow !== undefined && !Object.hasOwn(subsets, shadow.to))
    context.addIssue({
      code: 'custom',
      path: ['shadow', 'to'],
      message: `use one of ${Object.keys(subsets).join(', ')}`,
      params: { shown: 'no subset' },
    });
  for (const { path, fix } of unknownSubsets(routes, Object.keys(subsets)))
    context.addIssue({ code: 'custom', path: ['routes', ...path], message: fix, params: { shown: 'no subset' } });
  for (const [index, { when }] of routes.entries()) {
    const isLast = index === routes.length - 1;
    if (isLast === (when === undefined)) continue;
    const message = isLast
      ? 'add a last route without when, for all other calls'
      : 'move it to the end: no route after it is ever used';
    const shown = isLast ? 'the last route and has conditions' : 'a route for every call and not the last one';
    context.addIssue({ code: 'custom', path: ['routes', index], message, params: { shown } });
  }
});

export interface RoutingOptions extends z.input<typeof ROUTING> {}
export interface RoutingSettings extends z.output<typeof ROUTING> {}
