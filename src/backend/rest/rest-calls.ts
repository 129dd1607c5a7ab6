import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { RestHeaders } from '../bind/own-headers.ts';
import type { CheckedNames, Problem } from '../checks/problem.ts';
import type { PathOption, PathParameter, PathTemplate } from './path.ts';
import type { AnswerAs, ReadOptions, TargetOptions, WriteOptions } from './rest-call-options.ts';

/** The problem of a template with parameters in a call without `path`. */
type CheckedPath<Template extends string, Names> = 'path' extends Names
  ? unknown
  : [PathParameter<Template>] extends [never]
    ? unknown
    : Problem<`the option path is missing: { ${PathParameter<Template>} }`>;

/** Forms with a type of their own, so that a validator is optional. */
type Untyped = 'text' | 'bytes' | 'stream' | 'none';

/** The problem of a missing option, by the option names of the call. The compiler reports it at the template. */
type CheckedTemplate<Template extends string, Names, As> = 'response' extends Names
  ? CheckedPath<Template, Names>
  : [As] extends [Untyped]
    ? CheckedPath<Template, Names>
    : Problem<'the option response is missing: a validator of the answer'>;

/** Names of the options that have a body. */
type BodyName = 'body' | 'form' | 'multipart' | 'text' | 'bytes';

type IsUnion<Names, All = Names> = Names extends unknown ? ([All] extends [Names] ? false : true) : never;

/** The problem of a call with two bodies, or with a codec that encodes none. The compiler reports it at the template. */
type CheckedBody<Names> =
  true extends IsUnion<Extract<Names, BodyName>>
    ? Problem<'a call has one body: use one of body, form, multipart, text and bytes'>
    : 'codec' extends Names
      ? 'body' extends Names
        ? unknown
        : Problem<'codec encodes the option body: use as to decode the answer only'>
      : unknown;

/** Without a validator the answer has any type: the missing `response` is the only error. */
// biome-ignore lint/suspicious/noExplicitAny: of `unknown` there would be more errors
type Anything = any;
type NoValidator = StandardSchemaV1<unknown, Anything>;

interface ValueOf {
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly stream: AsyncIterable<Uint8Array>;
  readonly none: undefined;
}

/** Type of the answer: the output of the validator, else that of the form. */
type AnswerValue<Names, Response extends StandardSchemaV1, As> = 'response' extends Names
  ? StandardSchemaV1.InferOutput<Response>
  : As extends Untyped
    ? ValueOf[As]
    : Anything;

type Options<Template extends string, Names extends string, Given> = Given &
  PathOption<Template> &
  CheckedNames<Names, keyof Given | 'path', 'a call'>;

/** A page of a list with the query of the next page (RFC 8288: `Link: <…>; rel="next"`); null on the last page. */
export interface Page<Value> {
  readonly value: Value;
  readonly next: URLSearchParams | null;
}

/** The head of an answer. */
export interface HeadAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A whole answer. */
export interface FullAnswer<Value> extends HeadAnswer {
  readonly value: Value;
  /**
   * The `Location` header, resolved against the request: a path with its query; a URL without credentials if the header
   * has a host. Null if it is absent or no HTTP address.
   */
  readonly location: string | null;
}

type Access = 'read' | 'write';
type Result = 'value' | 'page' | 'full';

type OptionsOf<Of extends Access, Response extends StandardSchemaV1, As extends AnswerAs> = Of extends 'read'
  ? ReadOptions<Response, As>
  : WriteOptions<Response, As>;

/** Undefined for a call with conditional headers: a 304 has no value. */
type Unmodified<Sent> = Sent extends unknown
  ? 'if-none-match' extends Lowercase<keyof Sent & string>
    ? undefined
    : 'if-modified-since' extends Lowercase<keyof Sent & string>
      ? undefined
      : never
  : never;

type ResultOf<Access, Of extends Result, Value, Sent> = Of extends 'page'
  ? Page<Value>
  : Of extends 'full'
    ? FullAnswer<Access extends 'read' ? Value | Unmodified<Sent> : Value>
    : Value;

/** A call that reads or writes, and returns the value, a page or the whole answer. */
type RestCall<OfAccess extends Access, OfResult extends Result> = <
  Template extends string,
  Names extends string,
  Response extends StandardSchemaV1 = NoValidator,
  As extends AnswerAs = 'json',
  Sent extends RestHeaders = Record<never, never>,
>(
  template: PathTemplate<Template> & CheckedTemplate<Template, Names, As> & CheckedBody<Names>,
  options: Options<Template, Names, OptionsOf<OfAccess, Response, As>> & { readonly headers?: Sent },
) => Promise<ResultOf<OfAccess, OfResult, AnswerValue<Names, Response, As>, Sent>>;

/** A call with `full`, which also returns status, headers and location. */
type FullCall<OfAccess extends Access> = RestCall<OfAccess, 'value'> & {
  /**
   * Returns the whole answer: `{ value, status, headers, location }`. A 304 to the call's own `if-none-match` or
   * `if-modified-since` has the value undefined. Without `full` it is UPSTREAM_BAD_RESPONSE.
   */
  readonly full: RestCall<OfAccess, 'full'>;
};

export type GetCall = FullCall<'read'>;
export type WriteCall = FullCall<'write'>;
export type GetPageCall = RestCall<'read', 'page'>;

export type HeadCall = <Template extends string, Names extends string = never>(
  template: PathTemplate<Template> & CheckedPath<Template, Names>,
  options?: Options<Template, Names, TargetOptions>,
) => Promise<HeadAnswer>;
