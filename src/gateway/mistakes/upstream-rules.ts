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

/** An HTTP status of a failure. */
const httpStatus: Rule = (value) => (isStatus(value, 300) ? null : 'use HTTP statuses from 300 to 599');

/** A gRPC status by name. */
const grpcStatus: Rule = (value) => {
  if (typeof value !== 'string') return 'use names of gRPC statuses, as in UNAVAILABLE';
  if (Object.hasOwn(STATUS_CODES, value)) return null;
  const meant = nearest(value, Object.keys(STATUS_CODES));
  return meant === null ? 'use names of gRPC statuses, as in UNAVAILABLE' : `use ${meant} instead of ${shown(value)}`;
};

const errorCode: Rule = (value) => {
  if (isErrorCode(value)) return null;
  const meant = typeof value === 'string' ? nearest(value, Object.keys(PUBLIC_ERRORS)) : null;
  return meant === null ? 'use the codes of docs/errors.md' : `use ${meant} instead of ${shown(value)}`;
};

const codesBy =
  (status: (written: string) => string | null): Rule =>
  (value) => {
    if (!isRecord(value)) return 'use an object with a code for each status';
    for (const [written, code] of Object.entries(value)) {
      const remedy = status(written) ?? errorCode(code);
      if (remedy !== null) return remedy;
    }
    return null;
  };

/** Header names with another meaning in every call. */
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
  if (typeof value !== 'string' || !HEADER_NAME.test(value)) return 'use the name of a header, or false';
  return TAKEN.has(value.toLowerCase()) ? 'use another header: this one has a meaning already' : null;
};

const isPath = (value: unknown): boolean => typeof value === 'string' && /^\/[\x21\x22\x24-\x7e]*$/.test(value);

const path: Rule = (value) => (isPath(value) ? null : 'use a path that begins with /, as in /healthz');

const expectStatus: Rule = (value) => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const right = all.length > 0 && all.every((status) => isStatus(status, 200));
  return right ? null : 'use HTTP statuses from 200 to 599';
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

/** Options of `rest({…})`. */
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

/** Options of `grpc({…})`. */
export const GRPC: OptionGroup = {
  required: { proto: "proto: './stock.proto'", service: "service: 'stock.v1.Stock'" },
  options: {
    ...COMMON,
    retry: retryRules(listOf(grpcStatus)),
    deadlineHeader: () => 'remove it: gRPC always sends the remaining time in grpc-timeout',
    proto: text,
    protoPaths: listOf(text),
    service: text,
    health: { options: CHECKS },
    errorCodes: codesBy(grpcStatus),
    compression: oneOf('gzip'),
  } satisfies RulesFor<GrpcOptions<string>>,
};
