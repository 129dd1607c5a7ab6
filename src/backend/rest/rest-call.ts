import type { StandardSchemaV1 } from '@standard-schema/spec';
import { GatewayError } from '../../core/errors.ts';
import type { Call, RestMessage } from '../../upstream/call.ts';
import type { BoundRequest } from '../bind/bind-request.ts';
import { headersFor } from '../bind/call-headers.ts';
import { type HeaderRules, restHeaderRules } from '../bind/own-headers.ts';
import { secretHeadersOf } from '../credentials/own-credentials.ts';
import { REST_OPTIONS, type RestUpstream } from '../define/upstream-options.ts';
import { type RowMapping, rowMapping } from '../rows/row-mapping.ts';
import type { AnswerReading } from './answer/answer-reading.ts';
import type { FieldStyle } from './body/field-style.ts';
import { type BodyKind, type BodySettings, type RequestBody, requestBody } from './body/request-body.ts';
import { expandPath, type PathValues, withQuery } from './path.ts';
import type { AnswerAs, WriteOptions } from './rest-call-options.ts';

/** The URL of a call is too long. The loader splits a batch that fails with it. */
export class UrlTooLongError extends GatewayError {
  constructor(length: number, limit: number) {
    super('BAD_USER_INPUT', `The URL of this call has ${length} characters; at most ${limit} are allowed.`);
  }
}

export type RestMethod = RestMessage['method'];

/** Options of any call, without the types of its template. */
export type RestCallOptions = WriteOptions<StandardSchemaV1, AnswerAs> & { readonly path?: unknown };

const NO_VALUES: PathValues = {};

/** Settings of an upstream that concern its client. */
interface ClientSettings extends BodySettings {
  readonly rows: RowMapping;
  readonly rules: Readonly<Record<BodyKind, HeaderRules>>;
  readonly maxUrlLength: number;
  readonly queryStyle: FieldStyle;
  /** Parameter of the query that `auth` sets; null for none. */
  readonly keyParameter: string | null;
}

const known = new WeakMap<RestUpstream, ClientSettings>();

/** The client settings of an upstream, memoized: options are parsed once, not for each request. */
export const clientSettings = (definition: RestUpstream): ClientSettings => {
  const found = known.get(definition);
  if (found !== undefined) return found;
  const { protocol: _, ...options } = definition;
  const traffic = REST_OPTIONS.parse(options);
  const { maxUrlLength, queryStyle, formStyle, maxRequestBytes, rows } = traffic;
  const made = {
    rules: restHeaderRules(traffic, secretHeadersOf(definition)),
    maxUrlLength,
    queryStyle,
    formStyle,
    maxRequestBytes,
    keyParameter: definition.auth?.apiKey?.query ?? null,
    rows: rowMapping(rows ?? {}),
  };
  known.set(definition, made);
  return made;
};

/** The module's name of a field that an error response of this upstream names. */
export const fieldNameOf = (definition: RestUpstream): ((path: string) => string) =>
  clientSettings(definition).rows.fieldName;

/** True if the query of a target has this parameter. */
export const hasParameter = (target: string, name: string): boolean => {
  const query = target.indexOf('?');
  return query !== -1 && new URLSearchParams(target.slice(query)).has(name);
};

/** Makes one call. @throws GatewayError for invalid input of the client; Error for invalid options of the module */
export type MakeRestCall = (
  method: RestMethod,
  template: string,
  options: RestCallOptions,
  reading: AnswerReading,
) => Call & { readonly message: RestMessage };

/** Makes the calls of one upstream for one request. */
export const restCalls = (definition: RestUpstream, request: BoundRequest): MakeRestCall => {
  const settings = clientSettings(definition);
  const { rules, maxUrlLength, queryStyle, keyParameter } = settings;
  const headersOf = headersFor(request);

  const bodyOf = (options: RestCallOptions, route: string): RequestBody => {
    try {
      return requestBody(options, settings, `${request.upstream}: ${route}`);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      const reason = cause instanceof Error ? cause.message : 'the body cannot be sent';
      throw new Error(`${request.upstream}: ${route}: ${reason}.`, { cause });
    }
  };

  const targetOf = (template: string, options: RestCallOptions): string => {
    const values = (options.path ?? NO_VALUES) as PathValues; // `PathOption` checked it at the call
    const path = expandPath(template, values);
    const { query } = options;
    const target = query === undefined ? path : withQuery(path, query, options.queryStyle ?? queryStyle);
    if (target.length > maxUrlLength) throw new UrlTooLongError(target.length, maxUrlLength);
    return target;
  };

  return (method, template, options, { form: as, accept }) => {
    const target = targetOf(template, options);
    const route = `${method} ${template}`;
    if (keyParameter !== null && hasParameter(target, keyParameter))
      throw new Error(`${request.upstream}: ${route}: the parameter ${keyParameter} is set by auth: remove it.`);
    const { kind, content, type } = bodyOf(options, route);
    const { headers: own, idempotencyKey } = options;
    const headers = headersOf({ route, headers: own, idempotencyKey }, rules[kind]);
    if (type !== null) headers['content-type'] ??= type;
    if (accept !== null) headers.accept ??= accept;
    const message = { protocol: 'rest', method, target, body: content } as const;
    return {
      upstream: request.upstream,
      route,
      idempotent: method === 'GET' || method === 'HEAD' || idempotencyKey !== undefined,
      principalKey: request.principalKey,
      subject: request.subject,
      caller: request.caller,
      isIdentified: request.isIdentified,
      headers,
      message: as === 'json' ? message : { ...message, as },
      deadline: request.deadline,
      signal: request.signal,
      // The request context aborts its signal at the deadline. A stream may outlive the context's owner, so the deadline
      // layer bounds it.
      bounded: as !== 'stream',
      request: request.trace,
      attempt: 1,
      endpoint: null,
      affinity: request.affinity,
      origin: request.origin,
    };
  };
};
