import type { z } from 'zod';
import { EGRESS_OPTION } from '../../upstream/egress/egress-options.ts';
import type { ErrorMapping, RestErrorResponse } from '../../upstream/error-response/map-error-response.ts';
import type { FailedStatus, GrpcErrorResponse } from '../../upstream/grpc/status.ts';
import {
  group,
  listOption,
  named,
  nameFix,
  oneOfOption,
  option,
  positiveOption,
  required,
  textFix,
} from '../../upstream/option-kinds.ts';
import {
  CHECKS,
  type CheckOptions,
  type CheckSettings,
  type TrafficOptions,
  trafficOptions,
} from '../../upstream/options.ts';
import { REDIRECT_OPTION } from '../../upstream/rest/redirect-options.ts';
import { TLS_OPTION } from '../../upstream/tls/tls-options.ts';
import type { GrpcTransform, RestTransform } from '../../upstream/transform/transform.ts';
import type { NoProblem } from '../checks/problem.ts';
import { AUTH, type AuthOptions, headersOption, type UpstreamAuth } from '../credentials/auth-options.ts';
import { FORWARD, type Forward, HTTP_FORWARD, type HttpForward } from '../forward/forward-options.ts';
import { FIELD_STYLES, type FieldStyle } from '../rest/body/field-style.ts';
import { ROWS, type Rows } from '../rows/row-options.ts';
import type { Failure } from './fail.ts';
import {
  codesBy,
  expectStatusFix,
  functionFix,
  grpcStatusFix,
  hooksFix,
  httpStatusFix,
  methodPatternFix,
  pathFix,
  serviceTypesFix,
} from './upstream-option-fixes.ts';

/* Options of rest(), grpc() and graphql(). The line of an option and its comment are as in src/upstream/options.ts. */

const styleOption = option<FieldStyle>(nameFix(FIELD_STYLES, `use ${FIELD_STYLES.join(', ')}`));

const REST_HEALTH = group({
  /** REST: `GET` below the endpoint's base path; may have a query. Required. */
  path: required<string>("path: '/healthz'", pathFix),
  /** REST: a status, or a list of them. Default any 2xx. */
  expectStatus: option<number | readonly number[]>(expectStatusFix).optional(),
  ...CHECKS,
});

interface RestCheckOptions extends CheckOptions, z.input<typeof REST_HEALTH> {}
interface RestCheckSettings extends z.output<typeof REST_HEALTH> {}

/** Options of `rest({ … })`. */
export const REST_OPTIONS = group({
  ...trafficOptions(httpStatusFix, 'rest'),
  /**
   * REST: longest path and query, in characters; batches are split there. Default 8,000: common servers accept this
   * length.
   */
  maxUrlLength: positiveOption.default(8_000),
  /** REST: [notation](rest.md#queries) of lists and objects in a query: `repeat`, `comma`, `brackets`, `deep` or `dots`. Default `repeat`: `ids=a&ids=b`, as `URLSearchParams` and HTML forms. */
  queryStyle: styleOption.default('repeat'),
  /**
   * REST: largest body of a request, in bytes; a larger one fails the call, a stream once it has sent as many. Default 10
   * MiB: as `maxResponseBytes`.
   */
  maxRequestBytes: positiveOption.default(10_485_760),
  /** REST: [notation](rest.md#forms) of lists and objects in a form, as for `queryStyle`. Default `brackets`: `a[b]=1`, as Stripe, Rails and PHP. */
  formStyle: styleOption.default('brackets'),
  /**
   * REST: `true` requests gzip, br or zstd; unrequested compression is decoded in any case. gRPC: `'gzip'` compresses
   * messages from 1 KiB and accepts gzip or deflate. Default off: inside a data centre bytes are cheaper than CPU.
   */
  compression: oneOfOption(true, false).optional(),
  /**
   * Codes for statuses of this upstream, instead of [the usual](#status-codes): `{ 404: 'BAD_USER_INPUT' }`, `{
   * ABORTED: 'SERVICE_UNAVAILABLE' }`. Default none.
   */
  errorCodes: codesBy<number>((written) => httpStatusFix(Number(written))).optional(),
  /**
   * The error of an error response: a function, or [a preset](upstream-errors.md#presets). Default none: `errorCodes` and the
   * status decide.
   */
  errors: option<ErrorMapping<RestErrorResponse>>(functionFix).optional(),
  /**
   * [Hooks](#transformation) that change what is sent, and the value of each answer: `{ request, response }`. Default none.
   */
  transform: option<RestTransform>(hooksFix).optional(),
  /** REST: [redirects](rest.md#redirects) that are followed; false for none. */
  redirects: REDIRECT_OPTION,
  /** [Egress proxies](egress.md) for the calls; false for direct calls. Default `HTTPS_PROXY` and `HTTP_PROXY`, if they are set. */
  egress: EGRESS_OPTION,
  /** REST: how the JSON of the backend differs from the module's rows: [names and envelopes](rest.md#names-and-envelopes). */
  rows: named<Rows, Rows>(ROWS).optional(),
  /** Health check in the background: `GET <path>` must return 2xx, or a status of `expectStatus`. Absent: no check. */
  health: named<RestCheckSettings, RestCheckOptions>(REST_HEALTH).optional(),
  /**
   * Headers of every call: texts, and [secrets](credentials.md) as in `secret('SHOP_KEY')`; a call's own header replaces a
   * text. Default none.
   */
  headers: headersOption.optional(),
  /** Authentication of the gateway at this upstream. Absent: none. */
  auth: named<AuthOptions, UpstreamAuth>(AUTH).optional(),
  /** [TLS](tls.md#to-backends) to `https` and `grpcs` endpoints. Absent: as below. */
  tls: TLS_OPTION,
  /** Data of the caller that the upstream receives. Absent: none. */
  forward: named<HttpForward, HttpForward>(HTTP_FORWARD).optional(),
});

/** Names of a type in its service, if they differ from those in the module's SDL. */
export interface ServiceTypeNames {
  /** Name of the type in the service. Default: the same. */
  readonly from?: string;
  /** Names of fields in the service, by their names in the module's SDL. Default: the same. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Fields of the type that resolvers of the module read from a row, by the field of the resolver. Default: none. */
  readonly reads?: Readonly<Record<string, readonly string[]>>;
}

/** Options of `graphql({ … })`. */
export const GRAPHQL_OPTIONS = group({
  ...trafficOptions(httpStatusFix, 'rest'),
  /** GraphQL: file with the SDL of the service, relative to the module's folder. Required. */
  schema: required<string>("schema: './reviews.graphql'", textFix),
  /** GraphQL: path of the service, below the path of its endpoints. Default `/graphql`. */
  path: option<string>(pathFix).default('/graphql'),
  /**
   * GraphQL: [types and fields with another name in the service](graphql-upstreams.md#other-names): `{ Review: { from:
   * 'Comment', fields: { stars: 'rating' } } }`. Default none.
   */
  types: option<Readonly<Record<string, ServiceTypeNames>>>(serviceTypesFix).optional(),
  /** `true` requests gzip, br or zstd. Default off. */
  compression: oneOfOption(true, false).optional(),
  /** Egress proxies for the calls; false for direct calls. Absent: `HTTPS_PROXY` and `HTTP_PROXY`, if they are set. */
  egress: EGRESS_OPTION,
  /** Codes for HTTP statuses of this upstream, instead of the usual. Default none. */
  errorCodes: codesBy<number>((written) => httpStatusFix(Number(written))).optional(),
  /** The error of an HTTP error response: a function, or a preset of `errorFormats`. Default none: `errorCodes` and the status decide. */
  errors: option<ErrorMapping<RestErrorResponse>>(functionFix).optional(),
  /**
   * GraphQL: codes for the `extensions.code` of [errors of the service](graphql-upstreams.md#errors): `{ CASE_CLOSED:
   * 'CONFLICT' }`. Default none: other codes than those of that table are UPSTREAM_ERROR.
   */
  serviceCodes: codesBy<string>(() => null).optional(),
  /** Health check in the background: `GET <path>` must return 2xx, or a status of `expectStatus`. Absent: no check. */
  health: named<RestCheckSettings, RestCheckOptions>(REST_HEALTH).optional(),
  /** Headers of every call: texts, and secrets. Absent: none. */
  headers: headersOption.optional(),
  /** Authentication of the gateway at this upstream. Absent: none. */
  auth: named<AuthOptions, UpstreamAuth>(AUTH).optional(),
  /** [TLS](tls.md#to-backends) to `https` and `grpcs` endpoints. Absent: as below. */
  tls: TLS_OPTION,
  /** Data of the caller that the upstream receives. Absent: none. */
  forward: named<HttpForward, HttpForward>(HTTP_FORWARD).optional(),
});

/** Options of `grpc({ … })`. */
export const GRPC_OPTIONS = group({
  ...trafficOptions(grpcStatusFix, 'grpc'),
  /** Egress proxies for the calls; false for direct calls. Absent: `HTTPS_PROXY` and `HTTP_PROXY`, if they are set. */
  egress: EGRESS_OPTION,
  deadlineHeader: option<never>(() => 'remove it: gRPC always sends the remaining time in grpc-timeout').optional(),
  attemptHeader: option<never>(() => 'remove it: gRPC has grpc-previous-rpc-attempts').optional(),
  /** gRPC: the .proto file, relative to the module's folder or to one of `protoPaths`. Required. */
  proto: required<string>("proto: './stock.proto'", textFix),
  /** gRPC: full name of the service, with its package, such as `inventory.v1.Inventory`. Required. */
  service: required<string>("service: 'stock.v1.Stock'", textFix),
  /**
   * gRPC: folders in which imports of the .proto file are searched, [relative to the module's
   * folder](add-a-backend.md#further-features-of-a-module). Default none: most files import from their own folder or
   * the module's, which are always searched.
   */
  protoPaths: listOption<string>(textFix).optional(),
  /**
   * gRPC: methods that only read, although the .proto does not say so: names as in the .proto, in which `*` is any text.
   * [They are retried, hedged and shared](grpc.md#reads) like those with NO_SIDE_EFFECTS. Default none: a method of
   * which nothing is known may be a write.
   */
  reads: listOption<string>(methodPatternFix).optional(),
  /** `'gzip'` compresses messages from 1 KiB, and accepts gzip or deflate. Default off. */
  compression: oneOfOption('gzip').optional(),
  /** Error codes for statuses, instead of the usual: `{ FAILED_PRECONDITION: 'BAD_USER_INPUT' }`. Default none. */
  errorCodes: codesBy<FailedStatus>(grpcStatusFix).optional(),
  /** The error of an error response: a function, or a preset of `errorFormats`. Default none: `errorCodes` and the status decide. */
  errors: option<ErrorMapping<GrpcErrorResponse>>(functionFix).optional(),
  /** Hooks that change the message that is sent, and each answer. Default none. */
  transform: option<GrpcTransform>(hooksFix).optional(),
  /** Health check of every endpoint in the background, by grpc.health.v1. Absent: no check. */
  health: named<CheckSettings, CheckOptions>(group(CHECKS)).optional(),
  /** Metadata of every call: texts, and secrets. Absent: none. */
  headers: headersOption.optional(),
  /** Authentication of the gateway at this upstream. Absent: none. */
  auth: named<AuthOptions, UpstreamAuth>(AUTH).optional(),
  /** [TLS](tls.md#to-backends) to `https` and `grpcs` endpoints. Absent: as below. */
  tls: TLS_OPTION,
  /** Data of the caller that the upstream receives. Absent: none. */
  forward: named<Forward, Forward>(FORWARD).optional(),
});

// The second base keeps the name in messages of the compiler, which shows a single base in place of its interface.
export interface RestOptions<Errors extends ErrorMapping<RestErrorResponse> = ErrorMapping<RestErrorResponse>>
  extends TrafficOptions,
    z.input<typeof REST_OPTIONS> {
  readonly errors?: Errors | undefined;
}

export interface GraphqlOptions<Errors extends ErrorMapping<RestErrorResponse> = ErrorMapping<RestErrorResponse>>
  extends z.input<typeof GRAPHQL_OPTIONS> {
  readonly errors?: Errors | undefined;
}

export interface GrpcOptions<
  Service extends string,
  Errors extends ErrorMapping<GrpcErrorResponse> = ErrorMapping<GrpcErrorResponse>,
> extends z.input<typeof GRPC_OPTIONS> {
  readonly service: Service;
  readonly errors?: Errors | undefined;
}

/** Codes of the failures that a function `errors` returns. */
export type FailureCodes<Errors> = Errors extends (...args: never) => infer Result ? CodeOf<Result> : never;

type CodeOf<Result> = Result extends Failure<infer Code> ? Code : never;

/** Codes of the failures of an upstream's `errors`. Exists for the compiler only. */
interface WithCodes<Code> {
  readonly codes?: Code;
}

export interface RestUpstream<Code extends string = string> extends RestOptions, WithCodes<Code> {
  readonly protocol: 'rest';
}

export interface GrpcUpstream<Service extends string = string, Code extends string = string>
  extends GrpcOptions<Service>,
    WithCodes<Code>,
    NoProblem {
  readonly protocol: 'grpc';
}

export interface GraphqlUpstream<Code extends string = string> extends GraphqlOptions, WithCodes<Code>, NoProblem {
  readonly protocol: 'graphql';
}

export type UpstreamDefinition = RestUpstream | GrpcUpstream | GraphqlUpstream;

/** Declares a REST service that this module calls. Set its endpoints in `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const rest = <Errors extends ErrorMapping<RestErrorResponse>>(
  options: RestOptions<Errors> = {},
): RestUpstream<FailureCodes<Errors>> => ({ protocol: 'rest', ...options });

/** Declares a gRPC service that this module calls. Set its endpoints in `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const grpc = <const Service extends string, Errors extends ErrorMapping<GrpcErrorResponse>>(
  options: GrpcOptions<Service, Errors>,
): GrpcUpstream<Service, FailureCodes<Errors>> => ({ protocol: 'grpc', ...options });

/** Declares a GraphQL service that this module calls. Set its endpoints in `<MODULE>_<UPSTREAM>_ENDPOINTS`. */
export const graphql = <Errors extends ErrorMapping<RestErrorResponse>>(
  options: GraphqlOptions<Errors>,
): GraphqlUpstream<FailureCodes<Errors>> => ({ protocol: 'graphql', ...options });
