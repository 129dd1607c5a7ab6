import type { BoundBackend, ReadyUpstream } from '../../backend/bind/bind.ts';
import { type BoundRequest, bindRequest } from '../../backend/bind/bind-request.ts';
import { isOfCaller } from '../../backend/credentials/own-credentials.ts';
import { errorCodesOf } from '../../backend/define/error-codes.ts';
import type { RestUpstream } from '../../backend/define/upstream-options.ts';
import { clientSettings, hasParameter, UrlTooLongError } from '../../backend/rest/rest-call.ts';
import type { DeclaredRoute } from '../../backend/routes/pass.ts';
import {
  PASS_OPTIONS,
  type PassSettings,
  WEBSOCKET_OPTIONS,
  type WebSocketSettings,
} from '../../backend/routes/route-options.ts';
import type { RoutePattern, TargetTemplate } from '../../backend/routes/route-pattern.ts';
import type { CacheStore } from '../../cache/store.ts';
import { GatewayError } from '../../core/errors.ts';
import { clientKey } from '../../rate-limit/client-key.ts';
import type { RateLimitStatus } from '../../rate-limit/headers.ts';
import type { Limiter, OpenLimiter, Quota } from '../../rate-limit/limiter.ts';
import { API_KEY_HEADER, varyBy } from '../../request/headers.ts';
import { ANONYMOUS, type Principal, type RequestContext } from '../../request/request-context.ts';
import type { Answer, Call, RestMessage } from '../../upstream/call.ts';
import { mapReferences } from '../../upstream/rest/own-references.ts';
import type { CallOrigin } from '../../upstream/routing/call-origin.ts';
import type { BodyStream } from '../../upstream/stream/body-stream.ts';
import { authorize } from '../directives/authorization/authorize.ts';
import type { Policies } from '../directives/authorization/policies.ts';
import { isNone, type Requirement } from '../directives/authorization/requirement.ts';
import { AnswerCache } from './answer-cache.ts';
import {
  type AnswerRuleSet,
  answerRules,
  applyRules,
  type HeaderRuleSet,
  handshakeRules,
  type ReceivedHeaders,
  requestRules,
} from './header-rules.ts';
import { type RouteConditions, routeConditions, varyOfConditions } from './route-conditions.ts';
import { routeRequirement } from './route-requirement.ts';
import type { PathVariables } from './route-table.ts';

/** Settings of a route, by its kind. */
export type PassThroughSettings =
  | ({ readonly kind: 'pass' } & PassSettings)
  | ({ readonly kind: 'websocket' } & WebSocketSettings);

/** A route with the parts of the gateway that it needs. */
export interface RouteParts {
  readonly module: string;
  readonly pattern: RoutePattern;
  readonly declared: DeclaredRoute;
  /** All routes with this pattern, in order: the first one with conditions that hold is used. */
  readonly alternatives: readonly DeclaredRoute[];
  readonly target: TargetTemplate;
  readonly upstream: ReadyUpstream & { readonly definition: RestUpstream };
  readonly policies: Policies;
  /** Binds the module to a request, for its policies. */
  readonly bind: (request: RequestContext) => BoundBackend;
  readonly openLimiter: OpenLimiter;
  /** Null: nothing is stored. */
  readonly store: CacheStore | null;
}

/** The part of a client's request that a call is made of. */
export interface PassedRequest {
  readonly method: RestMessage['method'];
  readonly variables: PathVariables;
  /** As received, names in lower case. */
  readonly headers: ReceivedHeaders;
  /** With its question mark; empty for none. */
  readonly query: string;
  /** Null for a request without a body. */
  readonly body: BodyStream | null;
  /** Length of the body as announced; null for a body in chunks. */
  readonly length: string | null;
}

/** A request that was counted against the rate limit of its route. */
export interface CountedRequest extends RateLimitStatus {
  readonly isAdmitted: boolean;
}

const NO_ORIGIN: CallOrigin = { headers: {}, principal: ANONYMOUS, clientAddress: '', operation: null };
const TOO_MANY_REQUESTS = 429;
/** RFC 9110, 5.5: visible ASCII, with space or tab inside. */
const HEADER_VALUE = /^[\x20-\x7e\t]*$/;

const settingsOf = ({ kind, options }: DeclaredRoute): PassThroughSettings =>
  kind === 'pass' ? { kind, ...PASS_OPTIONS.parse(options) } : { kind, ...WEBSOCKET_OPTIONS.parse(options) };

/** One pass-through route: its conditions, its requirements, its rate limit, and the calls that it makes. */
export class PassThroughRoute {
  readonly module: string;
  readonly pattern: RoutePattern;
  /** `<module>.<upstream>` */
  readonly upstream: string;
  readonly settings: PassThroughSettings;
  readonly conditions: RouteConditions;
  readonly requirement: Requirement;
  readonly quota: Quota | null;
  /** Stored answers; null for a route without them. */
  readonly cache: AnswerCache | null;
  /** Number of requests and WebSockets in flight. */
  inFlight = 0;
  readonly #parts: RouteParts;
  readonly #limiter: Limiter | null;
  readonly #requestRules: HeaderRuleSet;
  readonly #answerRules: AnswerRuleSet;
  readonly #isOpen: boolean;
  /** Headers of the request that choose among the routes of this pattern, for `Vary`; undefined for none. */
  readonly #varyOfConditions: string | undefined;
  readonly #accepts: (status: number) => boolean;
  readonly #maxUrlLength: number;
  readonly #keyParameter: string | null;
  /** Name of its calls in metrics and spans: `GET /files/{id}`. */
  readonly #name: string;

  constructor(parts: RouteParts) {
    const { module, pattern, declared, upstream } = parts;
    const settings = settingsOf(declared);
    const { definition } = upstream;
    this.#parts = parts;
    this.module = module;
    this.pattern = pattern;
    this.upstream = `${module}.${declared.upstream}`;
    this.settings = settings;
    this.conditions = routeConditions(settings.when);
    this.#varyOfConditions = varyOfConditions(parts.alternatives.map((one) => settingsOf(one).when));
    this.requirement = routeRequirement(module, settings);
    const { rateLimit } = settings;
    this.quota = rateLimit === undefined ? null : { limit: rateLimit.limit, seconds: rateLimit.duration };
    this.#isOpen = this.quota === null && isNone(this.requirement);
    this.#limiter = this.quota === null ? null : parts.openLimiter(this.quota);
    const rulesOf = settings.kind === 'pass' ? requestRules : handshakeRules;
    const { store } = parts;
    const kept = settings.kind === 'pass' ? settings.cache : null;
    this.cache = store === null || kept === null ? null : new AnswerCache(store, kept.maxBytes, this.isPublic);
    this.#requestRules = rulesOf(settings.requestHeaders);
    this.#answerRules = answerRules(settings.kind === 'pass' ? settings.responseHeaders : {});
    const codes = errorCodesOf(definition);
    this.#accepts = (status) => status < 500 && status !== TOO_MANY_REQUESTS && codes[status] === undefined;
    ({ maxUrlLength: this.#maxUrlLength, keyParameter: this.#keyParameter } = clientSettings(definition));
    this.#name = `${pattern.method} ${declared.target ?? pattern.path}`;
  }

  /** True if cookies of the backend pass. */
  get passesCookies(): boolean {
    return this.#answerRules.passesCookies;
  }

  /** Headers of the request that choose the route, or the subset of its upstream, for `Vary`; undefined for none. */
  get vary(): string | undefined {
    const routed = this.#parts.upstream.send.routingHeaders?.() ?? [];
    return routed.length === 0 ? this.#varyOfConditions : varyBy(this.#varyOfConditions, routed);
  }

  /** True if every caller may use the route, at any rate. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** True if the backend cannot distinguish the callers of this route, and every caller may use it. */
  get isPublic(): boolean {
    const { definition } = this.#parts.upstream;
    return definition.forward === undefined && !isOfCaller(definition) && isNone(this.requirement);
  }

  /** Checks the requirements. Returns null, or the error to fail with. */
  authorize(request: RequestContext, variables: PathVariables): Error | null | Promise<Error | null> {
    const { bind, policies } = this.#parts;
    return authorize(this.requirement, { request, bound: () => bind(request) }, variables, policies);
  }

  /** Counts a request against the rate limit. Null without one. */
  async count({ principal, clientAddress, trace }: RequestContext): Promise<CountedRequest | null> {
    if (this.#limiter === null || this.quota === null) return null;
    const policy = `${this.pattern.method} ${this.pattern.path}`;
    const window = await this.#limiter.consume(`${policy}:${clientKey(principal, clientAddress)}`);
    if (!window.admitted) trace.record.refused('field');
    return { policy, quota: this.quota, window, isAdmitted: window.admitted };
  }

  /** Makes the call of a request. @throws GatewayError BAD_REQUEST or BAD_USER_INPUT */
  callFor(request: PassedRequest, context: RequestContext): Call & { readonly message: RestMessage } {
    const { definition } = this.#parts.upstream;
    const bound = bindRequest(this.upstream, definition, context, null, this.#originOf(context));
    const isSocket = this.settings.kind === 'websocket';
    const { method, body } = request;
    return {
      upstream: this.upstream,
      route: this.#name,
      idempotent: method === 'GET' || method === 'HEAD',
      principalKey: bound.principalKey,
      subject: bound.subject,
      caller: bound.caller,
      isIdentified: bound.isIdentified,
      headers: this.#headersFor(request, bound, context.principal),
      message: {
        protocol: 'rest',
        method,
        target: this.#targetFor(request),
        body,
        ...(isSocket ? { as: 'socket' } : { as: 'raw', accepts: this.#accepts }),
      },
      deadline: bound.deadline,
      signal: bound.signal,
      // The route ends its streams itself.
      bounded: true,
      request: bound.trace,
      attempt: 1,
      endpoint: null,
      affinity: bound.affinity,
      origin: bound.origin,
    };
  }

  /** Sends a call of this route. */
  send(call: Call): Promise<Answer> {
    return this.#parts.upstream.send(call);
  }

  /** Part of the key of a stored answer: the subset of its calls. */
  subsetOf({ origin }: Call): string {
    const { send } = this.#parts.upstream;
    return send.subsetOf === undefined || origin === undefined ? '' : (send.subsetOf(origin) ?? '*');
  }

  /** The headers of an answer that its client receives, without cookies. */
  answerHeaders(headers: Answer['headers']): Record<string, string> {
    const passed: Record<string, string> = {};
    applyRules(this.#answerRules, headers, passed);
    return mapReferences(passed, (reference) => this.#referenceFor(reference));
  }

  /** The request, for rules of the upstream. Without rules nothing reads it. */
  #originOf(context: RequestContext): CallOrigin {
    if (this.#parts.upstream.send.subsetOf === undefined) return NO_ORIGIN;
    const { headers, principal, clientAddress } = context;
    return { headers, principal, clientAddress, operation: null };
  }

  /** A path of the backend as clients of the gateway reach it. */
  #referenceFor(reference: string): string {
    const [before = ''] = this.#parts.target.fixed;
    const [after = ''] = this.pattern.path.split('{', 1);
    // Two slashes, in either form, begin the name of another host.
    if (/^[/\\]{2}/.test(reference) || !reference.startsWith(before)) return reference;
    return (after + reference.slice(before.length)).replace(/^[/\\]+/, '/');
  }

  #headersFor({ headers, length }: PassedRequest, bound: BoundRequest, { kind }: Principal): Record<string, string> {
    const sent: Record<string, string> = { ...bound.headers };
    // A key that identified the caller is a credential for the gateway only.
    const received = kind === 'api-key' ? { ...headers, [API_KEY_HEADER]: undefined } : headers;
    applyRules(this.#requestRules, received, sent);
    sent.accept ??= '*/*';
    const key = headers['idempotency-key'];
    if (typeof key === 'string') sent['idempotency-key'] = bound.keyScope(this.#name, key);
    for (const name in sent)
      if (!HEADER_VALUE.test(sent[name] ?? ''))
        throw new GatewayError(
          'BAD_REQUEST',
          `Invalid value of the header ${name}: it has characters that are not allowed.`,
        );
    if (length !== null) sent['content-length'] = length;
    return sent;
  }

  #targetFor({ variables, query }: PassedRequest): string {
    const { fixed, names } = this.#parts.target;
    let target = fixed[0] ?? '';
    for (let at = 0; at < names.length; at += 1) target += (variables[names[at] ?? ''] ?? '') + (fixed[at + 1] ?? '');
    target += query;
    if (target.length > this.#maxUrlLength) throw new UrlTooLongError(target.length, this.#maxUrlLength);
    if (this.#keyParameter !== null && hasParameter(target, this.#keyParameter))
      throw new GatewayError('BAD_REQUEST', `The parameter ${this.#keyParameter} is not allowed.`);
    return target;
  }
}
