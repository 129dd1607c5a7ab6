/** Methods of pass-through routes. GET also answers HEAD. */
export const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export type RouteMethod = (typeof ROUTE_METHODS)[number];

/** One segment of a path: a fixed text, a variable, or `{name=**}`, which takes all further segments. */
export type Segment =
  | { readonly is: 'fixed'; readonly text: string }
  | { readonly is: 'variable' | 'rest'; readonly name: string };

/** The key of a route: `GET /files/{id}`. */
export interface RoutePattern {
  readonly method: RouteMethod;
  /** The path as written: the label of metrics and spans. */
  readonly path: string;
  readonly segments: readonly Segment[];
}

/** A reading of a text, or its problem with the fix. */
export type PatternReading<Value> =
  | { readonly is: 'read'; readonly value: Value }
  | { readonly is: 'invalid'; readonly problem: string; readonly fix: string };

/** Segment characters of RFC 3986, 3.3, without percent-encoding and path parameters. */
const FIXED_SEGMENT = /^(?!\.{1,2}$)[\w\-.~!$&'()*+,=:@]+$/;
const VARIABLE_SEGMENT = /^\{(?<name>[A-Za-z]\w*)(?<rest>=\*\*)?\}$/;

const invalid = (problem: string, fix: string): PatternReading<never> => ({ is: 'invalid', problem, fix });

const segmentOf = (text: string): Segment | null => {
  const variable = VARIABLE_SEGMENT.exec(text)?.groups;
  if (variable !== undefined)
    return { is: variable.rest === undefined ? 'variable' : 'rest', name: variable.name ?? '' };
  return FIXED_SEGMENT.test(text) ? { is: 'fixed', text } : null;
};

const isMethod = (text: string): text is RouteMethod => ROUTE_METHODS.some((method) => method === text);

/** Reads the key of a route. */
export const readRoutePattern = (key: string): PatternReading<RoutePattern> => {
  const at = key.indexOf(' ');
  const [method, path] = [key.slice(0, at), key.slice(at + 1)];
  if (at === -1 || !isMethod(method) || !path.startsWith('/'))
    return invalid('has no method and path', `write ${ROUTE_METHODS.join(', ')} and a path, as in 'GET /files/{id}'`);
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (const text of path.slice(1).split('/')) {
    const segment = segmentOf(text);
    if (segment === null)
      return invalid(
        `has the segment ${JSON.stringify(text)}`,
        'a segment is a text of visible ASCII without % and ;, a variable such as {id}, or {path=**} at the end',
      );
    if (segments.at(-1)?.is === 'rest') return invalid('continues after {name=**}', 'move it to the end');
    if (segment.is !== 'fixed' && names.has(segment.name))
      return invalid(`has {${segment.name}} twice`, 'rename one of them');
    if (segment.is !== 'fixed') names.add(segment.name);
    segments.push(segment);
  }
  return { is: 'read', value: { method, path, segments } };
};

/** A target as fixed texts, each followed by the name of a variable but the last. */
export interface TargetTemplate {
  readonly fixed: readonly string[];
  readonly names: readonly string[];
}

const TARGET = /^\/[\w\-.~!$&'()*+,=:@/%]*$/;
const DOTS = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** Reads the target of a route. Null is the path of the route. */
export const readTarget = (target: string | null, route: RoutePattern): PatternReading<TargetTemplate> => {
  const text = target ?? route.path.replaceAll('=**}', '}');
  // `split` includes the capturing group: every second part is a name.
  const parts = text.split(/\{([^{}]*)\}/);
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const names = parts.filter((_, at) => at % 2 === 1);
  if (!text.startsWith('/') || !TARGET.test(`/${fixed.join('')}`) || DOTS.test(fixed.join('x')))
    return invalid(
      `has the target ${JSON.stringify(text)}`,
      'a target begins with / and is a path of visible ASCII, without a query',
    );
  const known = route.segments.flatMap((segment) => (segment.is === 'fixed' ? [] : [segment.name]));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    return invalid(
      `has no {${unknown}}, which its target has`,
      known.length === 0 ? 'remove it from the target' : `use ${known.map((name) => `{${name}}`).join(' or ')}`,
    );
  return { is: 'read', value: { fixed, names } };
};
