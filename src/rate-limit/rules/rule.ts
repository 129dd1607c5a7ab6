import type { StoreFailure } from '../counters/counters.ts';
import type { Rate } from '../counters/rate.ts';
import type { Priority } from '../overload/priority.ts';

/** Kinds of callers. */
export const CALLER_KINDS = ['anonymous', 'user', 'api-key', 'certificate'] as const;
export const OPERATION_KINDS = ['query', 'mutation', 'subscription'] as const;

/** What a rule counts. */
export const UNITS = ['requests', 'fields', 'cost', 'refusals'] as const;
export type Unit = (typeof UNITS)[number];

/** Conditions about a request. Each list that is present must have one of its values in the request. */
export interface RequestCondition {
  readonly caller?: readonly (typeof CALLER_KINDS)[number][] | undefined;
  readonly subject?: readonly string[] | undefined;
  readonly owner?: readonly string[] | undefined;
  readonly plan?: readonly string[] | undefined;
  readonly role?: readonly string[] | undefined;
  readonly scope?: readonly string[] | undefined;
  /** Values of claims of the token, by name. */
  readonly claim?: Readonly<Record<string, readonly (string | number | boolean)[]>> | undefined;
  /** Addresses or CIDRs. */
  readonly address?: readonly string[] | undefined;
  /** Names that clients give themselves, in `apollographql-client-name`. */
  readonly client?: readonly string[] | undefined;
  /** Paths of routes: `/graphql`, `/files/{id}`. */
  readonly route?: readonly string[] | undefined;
  readonly operation?: readonly string[] | undefined;
  readonly kind?: readonly (typeof OPERATION_KINDS)[number][] | undefined;
  /** Coordinates of fields that the operation selects: `Query.search`. */
  readonly field?: readonly string[] | undefined;
}

/** A part of the key of a counter. Requests with equal parts share the counter. */
export type KeyPart =
  | { readonly by: 'caller' | 'owner' | 'plan' | 'role' | 'client' | 'route' | 'operation' | 'field' }
  /** The first bits of an IPv4 and of an IPv6 address. */
  | { readonly by: 'address'; readonly v4: number; readonly v6: number }
  | { readonly by: 'claim'; readonly name: string }
  /** The argument of a root field: `search.text`. */
  | { readonly by: 'argument'; readonly path: string };

/** A rate with its name in headers. */
export interface NamedRate {
  readonly policy: string;
  readonly rate: Rate;
  /** The item of `RateLimit-Policy`. */
  readonly item: string;
}

export const namedRate = (policy: string, rate: Rate): NamedRate => ({
  policy,
  rate,
  item: `"${policy}";q=${rate.limit};w=${rate.seconds}`,
});

/** A limit of requests. */
export interface LimitRule {
  readonly name: string;
  readonly when: RequestCondition;
  /** Requests that the rule does not count: exemptions. */
  readonly unless: RequestCondition | null;
  /** Empty: one counter for all requests. */
  readonly key: readonly KeyPart[];
  readonly count: Unit;
  readonly rates: readonly NamedRate[];
  /** Maximum number of requests of one key at one time; null for any. */
  readonly concurrent: number | null;
  readonly onStoreFailure: StoreFailure;
  /** `measure`: refusals are counted and logged, and the request goes on. */
  readonly mode: 'enforce' | 'measure';
  /** Message of a refused request; null for the one of the error code. */
  readonly message: string | null;
  /** True if responses have headers about this rule. */
  readonly headers: boolean;
}

/** Where the plan of a caller comes from. An API key has one itself. */
export interface PlanSource {
  /** Claim of the token; null for none. */
  readonly claim: string | null;
  /** Plan of callers without one; null for none. */
  readonly default: string | null;
}

/** Names of headers about limits. */
export interface HeaderChoice {
  /** `RateLimit` and `RateLimit-Policy`. */
  readonly standard: boolean;
  /** `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`. */
  readonly legacy: boolean;
}

/** The priority of requests that meet a condition. */
export interface PriorityRule {
  readonly priority: Priority;
  readonly when: RequestCondition;
}

/** From when on requests of a priority are refused; null for never. */
export interface OverloadLimits {
  /** Delay of the event loop in milliseconds, at which the first ones are refused. At twice the delay all are. */
  readonly delayMs: Readonly<Record<Priority, number | null>>;
  /** Utilization of the event loop, 0 to 1, at which the first ones are refused. At 1 all are. */
  readonly utilization: Readonly<Record<Priority, number | null>>;
  /** Number of requests in flight, of all priorities, above which all are refused. */
  readonly inFlight: Readonly<Record<Priority, number | null>>;
  /** True if the file has bounds of its own. */
  readonly isSet: boolean;
}

/** Sheddable requests are refused from a delay of 50 ms on. */
export const DEFAULT_OVERLOAD: OverloadLimits = {
  delayMs: { critical: null, default: null, sheddable: 50 },
  utilization: { critical: null, default: null, sheddable: null },
  inFlight: { critical: null, default: null, sheddable: null },
  isSet: false,
};

/** The limits of a file. */
export interface LimitFile {
  readonly plan: PlanSource;
  readonly headers: HeaderChoice;
  readonly rules: readonly LimitRule[];
  readonly priorities: readonly PriorityRule[];
  /** Header with a priority, in lower case: read from trusted proxies, and sent to backends that forward it. Null for none. */
  readonly priorityHeader: string | null;
  readonly overload: OverloadLimits;
}

export const NO_LIMITS: LimitFile = {
  plan: { claim: null, default: null },
  headers: { standard: true, legacy: false },
  rules: [],
  priorities: [],
  priorityHeader: null,
  overload: DEFAULT_OVERLOAD,
};
