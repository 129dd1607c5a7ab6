import { GatewayError } from '../../core/errors.ts';
import type { Problem } from '../checks/problem.ts';
import type { FieldStyle } from './body/field-style.ts';
import type { FieldValue } from './body/fields.ts';
import { urlencoded } from './body/urlencoded.ts';

type Braces<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Braces<Rest>
  : never;

type PlainName<Name extends string> = Name extends `;${infer Plain}`
  ? Plain
  : Name extends `${infer Plain}=${string}`
    ? Plain
    : Name;
type MatrixName<Name> = Name extends `;${infer Plain}` ? Plain : never;

/** The names in a path template: `'/{shop=shops/*}/{region}{;sizes}'` has `'shop' | 'region' | 'sizes'`. */
export type PathParameter<Template extends string> = PlainName<Braces<Template>>;

/** A valid template. An invalid one becomes the reason, which the compiler shows. */
export type PathTemplate<Template extends string> = string extends Template
  ? Template
  : Template extends `${string}#${string}`
    ? 'A path template has no fragment: remove the # and what follows.'
    : Template extends `/${string}`
      ? Template
      : 'A path template begins with /.';

/** Value of one path segment. */
export type PathValue = string | number | bigint;

/** The option `path` of a call. */
export interface PathOption<Template extends string> {
  readonly path?: [PathParameter<Template>] extends [never]
    ? Problem<'the template has no parameter in braces'>
    : {
        readonly [Name in PathParameter<Template>]: Name extends MatrixName<Braces<Template>>
          ? PathValue | readonly PathValue[]
          : PathValue;
      };
}

/**
 * A list repeats its name: `ids=a&ids=b`. Null and undefined leave the name out. Plain objects, at any depth, need
 * another `queryStyle` than the default.
 */
export type Query = Readonly<Record<string, FieldValue | object>>;

const encode = (text: string, what: string): string => {
  try {
    return encodeURIComponent(text);
  } catch (cause) {
    // A lone surrogate: GraphQL strings may contain one, UTF-8 cannot.
    throw new GatewayError('BAD_USER_INPUT', `${what} is not well-formed text.`, { cause });
  }
};

/** A parsed path template: the fixed texts, and the name of the value after each but the last. */
interface Template {
  readonly fixed: readonly string[];
  readonly names: readonly string[];
  /** Number of names in the path; the others are in the template's query. */
  readonly inPath: number;
}

const MATRIX_NAME = /^;[\w.-]+$/;
/** A name with the pattern of its segments, as in google.api.http: `name=shops/*`. */
const PATTERN_NAME = /^[\w.-]+=(?:[\w.~-]+|\*)(?:\/(?:[\w.~-]+|\*))*$/;

/** Visible ASCII except `#` and braces, which are not valid in a URL (RFC 3986, 3). */
const FIXED = /^[\x21\x22\x24-\x7a\x7c\x7e]*$/;

const assertSendable = (text: string, fixed: readonly string[]): void => {
  const at = `The path template ${JSON.stringify(text)}`;
  if (!text.startsWith('/')) throw new Error(`${at} must begin with /.`);
  if (!fixed.every((part) => FIXED.test(part)))
    throw new Error(
      `${at} contains #, a single brace, a space or a character outside ASCII: encode it, or pass it in \`path\`.`,
    );
};

/** Maximum number of memoized templates. Modules have few; the limit is for those that build templates at run time. */
const MAX_TEMPLATES = 1_000;

const templates = new Map<string, Template>();

/** Parses a template, memoized. */
const templateOf = (text: string): Template => {
  const known = templates.get(text);
  if (known !== undefined) return known;
  // `split` includes the capturing group: every second part is a name.
  const parts = text.split(/\{([^{}]*)\}/);
  const fixed = parts.filter((_, at) => at % 2 === 0);
  const names = parts.filter((_, at) => at % 2 === 1);
  assertSendable(text, fixed);
  const query = fixed.findIndex((part) => part.includes('?'));
  const template: Template = { fixed, names, inPath: query === -1 ? names.length : query };
  for (const [at, name] of names.entries()) {
    const isInPath = at < template.inPath;
    if (name.startsWith(';') && !(isInPath && MATRIX_NAME.test(name)))
      throw new Error(
        `The path template ${JSON.stringify(text)} has {${name}}: a matrix parameter is a word in the path.`,
      );
    if (name.includes('=') && !(isInPath && PATTERN_NAME.test(name)))
      throw new Error(
        `The path template ${JSON.stringify(text)} has {${name}}: a pattern has segments in the path, words or *.`,
      );
  }
  if (templates.size < MAX_TEMPLATES) templates.set(text, template);
  return template;
};

/** Values of a path, by name. */
export type PathValues = Readonly<Record<string, PathValue | readonly PathValue[]>>;

const valueNamed = (name: string, values: PathValues): unknown =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const textOf = (name: string, value: unknown, template: string): string => {
  if (value === undefined || value === null) throw new Error(`path: {${name}} has no value in ${template}`);
  if (typeof value === 'object') throw new Error(`path: {${name}} is an object in ${template}`);
  return String(value);
};

/** A matrix parameter (RFC 6570, 3.2.7): `;ids=1,2`, `;ids` for empty text, and nothing for an empty list. */
const matrix = (name: string, value: unknown, template: string): string => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) return '';
  const joined = list.map((one) => encode(textOf(name, one, template), name)).join(',');
  return joined === '' ? `;${name}` : `;${name}=${joined}`;
};

const segment = (name: string, text: string): string => {
  // encodeURIComponent leaves dots alone, and a server would walk up the path (RFC 3986, 5.2.4).
  if (text === '' || text === '.' || text === '..')
    throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(text)} is not a valid ${name}.`);
  return encode(text, name);
};

/** The segments of a resource name, each encoded, if they match a pattern. */
const resourceName = (name: string, pattern: string, text: string): string => {
  const segments = text.split('/');
  const expected = pattern.split('/');
  if (segments.length !== expected.length || expected.some((one, at) => one !== '*' && one !== segments[at]))
    throw new GatewayError('BAD_USER_INPUT', `${JSON.stringify(text)} is not a valid ${name}: use ${pattern}.`);
  return segments.map((one) => segment(name, one)).join('/');
};

const filled = (name: string, isInPath: boolean, values: PathValues, template: string): string => {
  if (name.startsWith(';')) return matrix(name.slice(1), valueNamed(name.slice(1), values), template);
  const equals = name.indexOf('=');
  if (equals !== -1) {
    const plain = name.slice(0, equals);
    return resourceName(plain, name.slice(equals + 1), textOf(plain, valueNamed(plain, values), template));
  }
  const text = textOf(name, valueNamed(name, values), template);
  return isInPath ? segment(name, text) : encode(text, name);
};

/**
 * Fills a path template. Each value becomes exactly one encoded segment, or a part of one, so that it cannot reach
 * another resource. A name with a pattern, as in google.api.http, takes a value with the segments of the pattern. `{;name}` is a matrix parameter, with one value or a list. In the template's query a value becomes
 * one encoded value, which may be empty.
 *
 * @throws GatewayError BAD_USER_INPUT for a value that cannot be a segment (empty, `.`, `..`, or not well-formed text) or
 * does not match its pattern;
 * Error for an invalid template, and for a name without a value.
 */
export const expandPath = (template: string, values: PathValues): string => {
  const { fixed, names, inPath } = templateOf(template);
  let path = fixed[0] ?? '';
  for (let at = 0; at < names.length; at += 1) {
    path += filled(names[at] ?? '', at < inPath, values, template) + (fixed[at + 1] ?? '');
  }
  return path;
};

/** Returns `?a=1&b=2`, or an empty string. @throws as `walkFields` */
export const queryString = (query: Query, style: FieldStyle = 'repeat'): string => {
  const text = urlencoded(query, { what: 'query', option: 'queryStyle', style }, encodeURIComponent);
  return text === '' ? '' : `?${text}`;
};

/** Appends a query to a path that may already have one. @throws as `queryString` */
export const withQuery = (path: string, query: Query, style?: FieldStyle): string => {
  const more = queryString(query, style);
  if (more === '' || !path.includes('?')) return path + more;
  return /[?&]$/.test(path) ? path + more.slice(1) : `${path}&${more.slice(1)}`;
};
