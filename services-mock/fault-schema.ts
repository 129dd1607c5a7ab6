import { z } from 'zod';

export type Protocol = 'rest' | 'grpc';

/** Status codes of gRPC by number. https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const GRPC_STATUS = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

const HTTP_RANGE = 'status is an HTTP status, 200 to 599';
const GRPC_RANGE = 'status is a gRPC code, 1 to 16, or its name';

const statusSchemas = {
  rest: z.int(HTTP_RANGE).min(200, HTTP_RANGE).max(599, HTTP_RANGE),
  grpc: z.union(
    [z.int(GRPC_RANGE).min(1, GRPC_RANGE).max(16, GRPC_RANGE), z.enum(GRPC_STATUS).exclude(['OK'])],
    GRPC_RANGE,
  ),
};

const common = {
  /** One route of the mock, or `*` for all except its health check. */
  route: z.string(),
  /** Maximum number of calls that the fault applies to. */
  times: z.int().positive().optional(),
  /** Share of the calls that the fault applies to; the same calls in every run. */
  probability: z.number().min(0).max(1).optional(),
};

const faultSchema = (protocol: Protocol, routes: readonly string[]) => {
  const route = common.route.refine((name) => name === '*' || routes.includes(name), {
    error: `no such route; there are ${['*', ...routes].join(', ')}`,
  });
  const bare = <const K extends string>(kind: K) => z.strictObject({ ...common, route, kind: z.literal(kind) });
  return z.discriminatedUnion('kind', [
    bare('latency').extend({ ms: z.number().min(0).max(2_147_483_647) }),
    bare('status').extend({
      status: statusSchemas[protocol].transform((status) =>
        typeof status === 'number' ? status : GRPC_STATUS.indexOf(status),
      ),
      body: z.json().optional(),
      headers: z.record(z.string().regex(/^[a-z0-9-]+$/), z.string()).optional(),
    }),
    bare('answer').extend({ value: z.json() }),
    bare('reset-before-headers'),
    bare('reset-after-headers'),
    bare('truncated-body'),
    bare('garbage'),
    bare('html'),
    bare('hang'),
    bare('reorder'),
    bare('shorten'),
    bare('duplicate'),
  ]);
};

/** One fault on a route. */
export type Fault = z.infer<ReturnType<typeof faultSchema>>;

/** A fault that determines the answer; latency only delays it. */
export type AnswerFault = Exclude<Fault, { readonly kind: 'latency' }>;

/**
 * Reads the body of `PUT /__faults`.
 *
 * @throws Error that names each invalid value and its place
 */
export const faultsReader = (protocol: Protocol, routes: readonly string[]): ((body: unknown) => readonly Fault[]) => {
  const schema = z.strictObject({ faults: z.array(faultSchema(protocol, routes)) });
  return (body) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
    return parsed.data.faults;
  };
};
