import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { Answer, Call, RestMessage, Send } from '../../upstream/call.ts';
import type { GetCall, GetPageCall, WriteCall, WriteOptions } from '../define/rest-calls.ts';
import { REST_OPTIONS, type RestUpstream } from '../define/upstream-options.ts';
import type { FieldStyle } from './body/field-style.ts';
import { type BodyKind, type RequestBody, requestBody } from './body/request-body.ts';
import { headersFor } from './call-headers.ts';
import type { BoundRequest } from './forwarding.ts';
import { type HeaderRules, restHeaderRules } from './own-headers.ts';
import { expandPath, type PathValue, type Query, withQuery } from './path.ts';

type Method = RestMessage['method'];

/**
 * A REST upstream, bound to one request with its deadline, cancellation, identity and trace.
 *
 * `{name}` in a template takes one encoded segment from `path`; a query in a template precedes that of `query`. Rejects
 * with an `UpstreamError`; an uncaught 404 makes a nullable field null.
 */
export interface RestClient {
  readonly get: GetCall;
  /** `get` for lists that link to the next page in a Link header. */
  readonly getPage: GetPageCall;
  readonly post: WriteCall;
  readonly put: WriteCall;
  readonly patch: WriteCall;
  readonly delete: WriteCall;
}

/** The URL of a call is too long. The loader splits a batch that fails with it. */
export class UrlTooLongError extends GatewayError {
  constructor(length: number, limit: number) {
    super('BAD_USER_INPUT', `The URL of this call has ${length} characters; at most ${limit} are allowed.`);
  }
}

type Validated<Response extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Response>;

const fitting = <Output>(result: StandardSchemaV1.Result<Output>, call: Call): Output => {
  if (result.issues === undefined) return result.value;
  const issue = result.issues[0];
  const where = issue?.path?.map((step) => (typeof step === 'object' ? step.key : step)).join('.') || 'the answer';
  throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `${where}: ${issue?.message ?? 'does not fit'}`);
};

const validated = async <Response extends StandardSchemaV1>(
  response: Response,
  answer: Answer,
  call: Call,
): Promise<Validated<Response>> => fitting(await response['~standard'].validate(answer.value), call);

/** A link and its parameters (RFC 8288, 3). A quoted parameter may contain any character. */
const LINKS = /<([^>]*)>((?:[^,"]|"[^"]*")*)/g;
const PARAMETERS = /;\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/g;

const isNext = (parameters: string): boolean => {
  const rel = [...parameters.matchAll(PARAMETERS)].find(([, name = '']) => name.toLowerCase() === 'rel');
  return (rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/).includes('next');
};

const nextPage = (link = ''): URLSearchParams | null => {
  const target = [...link.matchAll(LINKS)].find(([, , parameters = '']) => isNext(parameters))?.[1];
  if (target === undefined) return null;
  const query = target.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : target.slice(query + 1));
};

type AnyOptions = WriteOptions<StandardSchemaV1> & { readonly path?: unknown };

const NO_QUERY: Query = {};
const NO_VALUES: Readonly<Record<string, PathValue>> = {};

/** Settings of an upstream that concern its client. */
interface ClientSettings {
  readonly rules: Readonly<Record<BodyKind, HeaderRules>>;
  readonly maxUrlLength: number;
  readonly queryStyle: FieldStyle;
  readonly formStyle: FieldStyle;
}

const known = new WeakMap<RestUpstream, ClientSettings>();

/** The client settings of an upstream, memoized: options are parsed once, not for each request. */
const settingsOf = (definition: RestUpstream): ClientSettings => {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const { protocol: _, ...options } = definition;
  const { deadlineHeader, maxUrlLength, queryStyle, formStyle } = REST_OPTIONS.parse(options);
  const made = { rules: restHeaderRules(deadlineHeader), maxUrlLength, queryStyle, formStyle };
  known.set(definition, made);
  return made;
};

/** Creates the client of one upstream for one request. */
export const restClient = (definition: RestUpstream, request: BoundRequest, send: Send): RestClient => {
  const { rules, maxUrlLength, queryStyle, formStyle } = settingsOf(definition);
  const headersOf = headersFor(request);

  const bodyOf = (options: AnyOptions, route: string): RequestBody => {
    try {
      return requestBody(options, formStyle);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      const reason = cause instanceof Error ? cause.message : 'the body cannot be sent';
      throw new Error(`${request.upstream}: ${route}: ${reason}.`, { cause });
    }
  };

  const callOf = (method: Method, template: string, options: AnyOptions): Call => {
    const values = (options.path ?? NO_VALUES) as typeof NO_VALUES; // `PathOption` checked it at the call
    const target = withQuery(expandPath(template, values), options.query ?? NO_QUERY, options.queryStyle ?? queryStyle);
    if (target.length > maxUrlLength) throw new UrlTooLongError(target.length, maxUrlLength);
    const route = `${method} ${template}`;
    const body = bodyOf(options, route);
    const headers = headersOf(
      { route, headers: options.headers, idempotencyKey: options.idempotencyKey },
      rules[body.kind],
    );
    if (body.type !== null) headers['content-type'] ??= body.type;
    return {
      upstream: request.upstream,
      route,
      idempotent: method === 'GET' || options.idempotencyKey !== undefined,
      principalKey: request.principalKey,
      caller: request.caller,
      isIdentified: request.isIdentified,
      headers,
      message: { protocol: 'rest', method, target, body: body.content },
      deadline: request.deadline,
      signal: request.signal,
      // The request context aborts its signal at the deadline.
      bounded: true,
      request: request.trace,
      attempt: 1,
      endpoint: null,
      affinity: request.affinity,
    };
  };

  const value =
    (method: Method) =>
    // biome-ignore lint/suspicious/noExplicitAny: one body for every template and response; Get and Write type the outside.
    async (template: string, options: any): Promise<any> => {
      const call = callOf(method, template, options);
      return validated(options.response, await send(call), call);
    };

  return {
    get: value('GET'),
    // biome-ignore lint/suspicious/noExplicitAny: as above
    getPage: async (template: string, options: any): Promise<any> => {
      const call = callOf('GET', template, options);
      const answer = await send(call);
      return { value: await validated(options.response, answer, call), next: nextPage(answer.headers.link) };
    },
    post: value('POST'),
    put: value('PUT'),
    patch: value('PATCH'),
    delete: value('DELETE'),
  };
};
