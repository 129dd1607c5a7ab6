import { GatewayError } from '../errors.ts';

/** The names in a path template: `'/levels/{sku}/{region}'` has `'sku' | 'region'`. */
export type PathParameter<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParameter<Rest>
  : never;

/** What may stand in one segment of a path. */
export type PathValue = string | number | bigint;

export type QueryValue = string | number | bigint | boolean | null | undefined;

/** A list repeats its name: `ids=a&ids=b`. Null and undefined leave the name out. */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[]>>;

const isList = (value: Query[string]): value is readonly QueryValue[] => Array.isArray(value);

const encode = (text: string, what: string): string => {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    // A lone surrogate: GraphQL strings may hold one, UTF-8 cannot.
    throw new GatewayError('BAD_USER_INPUT', `${what} is not well-formed text.`, { cause });
  }
};

/** A path template, taken apart: what is as it stands, and the name of the value that follows each but the last. */
interface Template {
  readonly fixed: readonly string[];
  readonly names: readonly string[];
}

/** Templates are written down in modules: so many are remembered, in case some module makes them up. */
const MOST_TEMPLATES = 1_000;

const templates = new Map<string, Template>();

/** Takes a template apart, once. */
const templateOf = (text: string): Template => {
  const known = templates.get(text);
  if (known !== undefined) return known;
  // A capturing group is among the parts: every other one is a name.
  const parts = text.split(/\{([^{}]*)\}/);
  const template: Template = {
    fixed: parts.filter((_, at) => at % 2 === 0),
    names: parts.filter((_, at) => at % 2 === 1),
  };
  if (templates.size < MOST_TEMPLATES) templates.set(text, template);
  return template;
};

const segment = (name: string, values: Readonly<Record<string, PathValue>>, template: string): string => {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`path: {${name}} has no value in ${template}`);
  const text = String(value);
  // encodeURIComponent leaves dots alone, and a server would walk up the path (RFC 3986, 5.2.4).
  if (text === '' || text === '.' || text === '..')
    throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(text)} is not a valid ${name}.`);
  return encode(text, name);
};

/**
 * Fills a path template. Each value becomes exactly one encoded segment, so that none can reach another resource.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that cannot be a segment: empty, `.`, `..`, or not well-formed text.
 */
export const expandPath = (template: string, values: Readonly<Record<string, PathValue>>): string => {
  const { fixed, names } = templateOf(template);
  let path = fixed[0] ?? '';
  for (let at = 0; at < names.length; at += 1)
    path += segment(names[at] ?? '', values, template) + (fixed[at + 1] ?? '');
  return path;
};

/** `?a=1&b=2`, or nothing. @throws GatewayError BAD_USER_INPUT for text that is not well-formed. */
export const queryString = (query: Query): string => {
  let text = '';
  const add = (name: string, value: QueryValue): void => {
    if (value === null || value === undefined) return;
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(name)}=${encode(String(value), name)}`;
  };
  for (const name of Object.keys(query)) {
    const value = query[name];
    if (isList(value)) for (const one of value) add(name, one);
    else add(name, value);
  }
  return text;
};
