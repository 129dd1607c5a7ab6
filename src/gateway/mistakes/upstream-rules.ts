import { NEVER_FORWARDED } from '../../backend/bound-request.ts';
import type { Forward, GrpcOptions, RestOptions } from '../../backend/upstreams.ts';
import { isErrorCode, PUBLIC_ERRORS } from '../../errors.ts';
import { STATUS_CODES } from '../../upstream/grpc/status.ts';
import { nearest } from './nearest.ts';
import {
  isRecord,
  listOf,
  type OptionGroup,
  oneOf,
  positive,
  type Rule,
  type RulesFor,
  shown,
  text,
} from './option-rules.ts';
import { BALANCE, CHECKS, CIRCUIT, HEADER_NAME, HEDGE, LIMITS, retryRules } from './traffic-rules.ts';

const isStatus = (value: unknown, least: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 599;

/** An HTTP status that fails an answer. */
const httpStatus: Rule = (value) => (isStatus(value, 300) ? null : 'give HTTP statuses from 300 to 599');

/** A gRPC status that fails an answer, by name. */
const grpcStatus: Rule = (value) => {
  if (typeof value !== 'string') return 'give gRPC statuses by name, as in UNAVAILABLE';
  if (Object.hasOwn(STATUS_CODES, value)) return null;
  const meant = nearest(value, Object.keys(STATUS_CODES));
  return meant === null ? 'give gRPC statuses by name, as in UNAVAILABLE' : `write ${meant} for ${shown(value)}`;
};

const errorCode: Rule = (value) => {
  if (isErrorCode(value)) return null;
  const meant = typeof value === 'string' ? nearest(value, Object.keys(PUBLIC_ERRORS)) : null;
  return meant === null ? 'give codes of docs/errors.md' : `write ${meant} for ${shown(value)}`;
};

const codesBy =
  (status: (written: string) => string | null): Rule =>
  (value) => {
    if (!isRecord(value)) return 'give an object, a code for each status';
    for (const [written, code] of Object.entries(value)) {
      const remedy = status(written) ?? errorCode(code);
      if (remedy !== null) return remedy;
    }
    return null;
  };

/** Headers with a meaning of their own in every call. */
const TAKEN: ReadonlySet<string> = new Set([
  ...NEVER_FORWARDED,
  'accept',
  'accept-encoding',
  'authorization',
  'cookie',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-forwarded-for',
  'x-request-id',
]);

const deadlineHeader: Rule = (value) => {
  if (value === false) return null;
  if (typeof value !== 'string' || !HEADER_NAME.test(value)) return 'give the name of a header, or false';
  return TAKEN.has(value.toLowerCase()) ? 'give it another name: that header has a meaning of its own' : null;
};

const isPath = (value: unknown): boolean => typeof value === 'string' && /^\/[\x21\x22\x24-\x7e]*$/.test(value);

const path: Rule = (value) => (isPath(value) ? null : 'give a path that begins with /, as in /healthz');

const expectStatus: Rule = (value) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const right = all.length > 0 && all.every((status) => isStatus(status, 200));
  return right ? null : 'give HTTP statuses from 200 to 599';
};

const FORWARD: OptionGroup = {
  options: {
    identity: oneOf('token'),
    client: oneOf(true, false),
    headers: listOf(text),
  } satisfies RulesFor<Forward>,
};

const COMMON = {
  timeoutMs: positive,
  maxResponseBytes: positive,
  forward: FORWARD,
  balance: BALANCE,
  circuit: CIRCUIT,
  hedge: HEDGE,
  limits: LIMITS,
};

/** What `rest({…})` takes. */
export const REST: OptionGroup = {
  options: {
    ...COMMON,
    retry: retryRules(listOf(httpStatus)),
    deadlineHeader,
    health: { options: { ...CHECKS, path, expectStatus }, required: { path: "path: '/healthz'" } },
    errorCodes: codesBy((written) => httpStatus(Number(written))),
    compression: oneOf(true, false),
    maxUrlLength: positive,
  } satisfies RulesFor<RestOptions>,
};

/** What `grpc({…})` takes. */
export const GRPC: OptionGroup = {
  required: { proto: "proto: './stock.proto'", service: "service: 'stock.v1.Stock'" },
  options: {
    ...COMMON,
    retry: retryRules(listOf(grpcStatus)),
    deadlineHeader: () => 'take it away: gRPC always says how much time is left, in grpc-timeout',
    proto: text,
    protoPaths: listOf(text),
    service: text,
    health: { options: CHECKS },
    errorCodes: codesBy(grpcStatus),
    compression: oneOf('gzip'),
  } satisfies RulesFor<GrpcOptions<string>>,
};
