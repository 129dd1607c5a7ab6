import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FieldStyle } from '../bind/body/field-style.ts';
import type { IdempotencyKey } from '../bind/idempotency.ts';
import type { RestHeaders } from '../bind/own-headers.ts';
import type { PathParameter, PathTemplate, PathValue, Query } from '../bind/path.ts';
import type { CheckedNames, Problem } from '../checks/problem.ts';

interface CallOptions<Response extends StandardSchemaV1> {
  readonly query?: Query;
  /** Notation of lists and objects in `query`. Default: that of the upstream, `repeat`. */
  readonly queryStyle?: FieldStyle;
  /** Headers in addition to `forward`. The client itself sets those of the connection, the body and the trace. */
  readonly headers?: RestHeaders;
  /** Any Standard Schema validator (zod, valibot, arktype). An invalid answer is UPSTREAM_BAD_RESPONSE. */
  readonly response: Response;
}

export interface WriteOptions<Response extends StandardSchemaV1> extends CallOptions<Response> {
  /**
   * Sent as JSON: a bigint as a number with all its digits. `content-type` is `application/json`, or a JSON type set in
   * `headers`.
   */
  readonly body?: unknown;
  /**
   * Sent as `application/x-www-form-urlencoded`. Lists and plain objects may be nested; null and undefined are left
   * out; a Date is ISO 8601.
   */
  readonly form?: object;
  /** Notation of lists and objects in `form`. Default: that of the upstream, `brackets`. */
  readonly formStyle?: FieldStyle;
  /**
   * Declares that sending the call twice has the same effect as sending it once. Sent as `Idempotency-Key`: a string as
   * a hash of the key, the caller and the route; `{ unscoped }` unchanged.
   */
  readonly idempotencyKey?: IdempotencyKey;
}

interface PathOption<Template extends string> {
  readonly path?: [PathParameter<Template>] extends [never]
    ? Problem<'the template has no parameter in braces'>
    : Readonly<Record<PathParameter<Template>, PathValue>>;
}

/** The problem of a missing option, by the option names of the call. The compiler reports it at the template. */
type CheckedTemplate<Template extends string, Names> = 'response' extends Names
  ? 'path' extends Names
    ? unknown
    : [PathParameter<Template>] extends [never]
      ? unknown
      : Problem<`the option path is missing: { ${PathParameter<Template>} }`>
  : Problem<'the option response is missing: a validator of the answer'>;

/** Without a validator the answer has any type: the missing `response` is the only error. */
// biome-ignore lint/suspicious/noExplicitAny: of `unknown` there would be more errors
type NoValidator = StandardSchemaV1<unknown, any>;

/** Names of the options that have a body. */
type BodyName = 'body' | 'form';

type IsUnion<Names, All = Names> = Names extends unknown ? ([All] extends [Names] ? false : true) : never;

/** The problem of a call with two bodies. The compiler reports it at the template. */
type CheckedBody<Names> =
  true extends IsUnion<Extract<Names, BodyName>> ? Problem<'a call has one body: use one of body and form'> : unknown;

type Options<Template extends string, Names extends string, Given> = Given &
  PathOption<Template> &
  CheckedNames<Names, keyof Given | 'path', 'a call'>;

export type GetCall = <Template extends string, Names extends string, Response extends StandardSchemaV1 = NoValidator>(
  template: PathTemplate<Template> & CheckedTemplate<Template, Names>,
  options: Options<Template, Names, CallOptions<Response>>,
) => Promise<StandardSchemaV1.InferOutput<Response>>;

export type WriteCall = <
  Template extends string,
  Names extends string,
  Response extends StandardSchemaV1 = NoValidator,
>(
  template: PathTemplate<Template> & CheckedTemplate<Template, Names> & CheckedBody<Names>,
  options: Options<Template, Names, WriteOptions<Response>>,
) => Promise<StandardSchemaV1.InferOutput<Response>>;

/** A page of a list with the query of the next page (RFC 8288: `Link: <…>; rel="next"`); null on the last page. */
export interface Page<Value> {
  readonly value: Value;
  readonly next: URLSearchParams | null;
}

export type GetPageCall = <
  Template extends string,
  Names extends string,
  Response extends StandardSchemaV1 = NoValidator,
>(
  template: PathTemplate<Template> & CheckedTemplate<Template, Names>,
  options: Options<Template, Names, CallOptions<Response>>,
) => Promise<Page<StandardSchemaV1.InferOutput<Response>>>;
