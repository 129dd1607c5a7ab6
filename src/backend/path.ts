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

const encode = (text: string, what: string): string => {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    // A lone surrogate: GraphQL strings may hold one, UTF-8 cannot.
    throw new GatewayError('BAD_USER_INPUT', `${what} is not well-formed text.`, { cause });
  }
};

/**
 * Fills a path template. Each value becomes exactly one encoded segment, so that none can reach another resource.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that cannot be a segment: empty, `.`, `..`, or not well-formed text.
 */
export const expandPath = (template: string, values: Readonly<Record<string, PathValue>>): string =>
  template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`path: {${name}} has no value in ${template}`);
    const text = String(value);
    // encodeURIComponent leaves dots alone, and a server would walk up the path (RFC 3986, 5.2.4).
    if (text === '' || text === '.' || text === '..')
      throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(text)} is not a valid ${name}.`);
    return encode(text, name);
  });

/** `?a=1&b=2`, or nothing. @throws GatewayError BAD_USER_INPUT for text that is not well-formed. */
export const queryString = (query: Query): string => {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== null && one !== undefined) pairs.push(`${encodeURIComponent(name)}=${encode(String(one), name)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
};
