/**
 * Every name of telemetry: spans, attributes, metrics, headers. Names follow OpenTelemetry's semantic conventions;
 * others begin with `tributary.`.
 */
export {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';

/** Instrumentation scope of all spans and metrics. */
export const SCOPE = 'tributary';

// Not yet stable in the conventions, and therefore not exported by their package.
export const ATTR_GRAPHQL_OPERATION_NAME = 'graphql.operation.name';
export const ATTR_GRAPHQL_OPERATION_TYPE = 'graphql.operation.type';
/** Number of earlier attempts of the call. */
export const ATTR_RESEND_COUNT = 'http.request.resend_count';
export const ATTR_RPC_METHOD = 'rpc.method';
export const ATTR_RPC_STATUS_CODE = 'rpc.grpc.status_code';
export const ATTR_RPC_SYSTEM = 'rpc.system';
export const ATTR_URL_TEMPLATE = 'url.template';

/** SHA-256 of the unchanged document. */
export const ATTR_OPERATION_HASH = 'tributary.operation.hash';
export const ATTR_REQUEST_ID = 'tributary.request.id';
/** Codes of the errors in the response. */
export const ATTR_ERROR_CODES = 'tributary.error.codes';
/** Errors of GraphQL services that have no place in the response. */
export const ATTR_UNPLACED_ERRORS = 'tributary.error.unplaced';
/** `<module>.<upstream>` */
export const ATTR_UPSTREAM = 'tributary.upstream';
/** Name of an event of the audit log: `key.created`. */
export const ATTR_EVENT = 'tributary.event';
/** `GET /levels/{sku}`, `shop.v1.Pricing/BatchGet` */
export const ATTR_ROUTE = 'tributary.route';
/** `2xx`, `4xx`, …: HTTP responses only. */
export const ATTR_STATUS_CLASS = 'tributary.status_class';
/** `ok`, or the error's code. */
export const ATTR_OUTCOME = 'tributary.outcome';
/** Reason for which a call was refused without being sent; cause of a failure. */
export const ATTR_REASON = 'tributary.reason';
/** State of an endpoint or of a circuit. */
export const ATTR_STATE = 'tributary.state';
/** True if the second attempt of a hedged call was faster. */
export const ATTR_WON = 'tributary.won';
/** Cause of a wait: `queue`, `connect` or `resolve`. */
export const ATTR_CAUSE = 'tributary.cause';
/** Milliseconds for which a call waited, by cause. */
export const ATTR_WAITS = {
  queue: 'tributary.wait.queue_ms',
  connect: 'tributary.wait.connect_ms',
  resolve: 'tributary.wait.resolve_ms',
} as const;
/** Subset of the endpoints of an upstream. */
export const ATTR_SUBSET = 'tributary.subset';
/** Source of endpoints as configured: `dns+http://orders.internal:8080`. */
export const ATTR_SOURCE = 'tributary.source';
/** Use of a certificate: `client`, `ca` or `server`. */
export const ATTR_CERTIFICATE = 'tributary.certificate';
/** Path of a file of the configuration. */
export const ATTR_LISTENER = 'tributary.listener';
export const ATTR_FILE = 'tributary.file';
/** Path of a field in the answer of a backend: `items[].price`. */
export const ATTR_FIELD_PATH = 'tributary.path';
/** Name of an egress proxy: its host and port, or the name that the configuration gives it. */
export const ATTR_PROXY = 'tributary.proxy';
export const ATTR_VERDICT = 'tributary.verdict';
export const ATTR_LIMIT = 'tributary.limit';
/** Name of a rule of `LIMITS`. */
export const ATTR_RULE = 'tributary.rule';
export const ATTR_ACTION = 'tributary.action';
/** `enforce` or `measure`. */
export const ATTR_MODE = 'tributary.mode';
export const ATTR_CODE = 'tributary.code';

export const METRIC_REQUEST_DURATION = 'http.server.request.duration';
export const METRIC_REQUESTS_ACTIVE = 'http.server.active_requests';
export const METRIC_OPERATION_DURATION = 'tributary.operation.duration';
export const METRIC_OPERATION_FAILURES = 'tributary.operation.failures';
export const METRIC_EXECUTION_FALLBACKS = 'tributary.execution.fallbacks';
export const METRIC_EXECUTION_DIFFERENCES = 'tributary.execution.differences';
export const METRIC_ERRORS = 'tributary.errors';
export const METRIC_UPSTREAM_DURATION = 'tributary.upstream.call.duration';
export const METRIC_UPSTREAM_WAIT = 'tributary.upstream.wait.duration';
export const METRIC_UPSTREAM_ACTIVE = 'tributary.upstream.calls.active';
export const METRIC_UPSTREAM_BYTES = 'tributary.upstream.received';
export const METRIC_UPSTREAM_ATTEMPTS = 'tributary.upstream.attempts';
export const METRIC_UPSTREAM_RETRIES = 'tributary.upstream.retries';
export const METRIC_UPSTREAM_HEDGES = 'tributary.upstream.hedges';
export const METRIC_UPSTREAM_REFUSALS = 'tributary.upstream.refusals';
export const METRIC_UPSTREAM_CIRCUIT_CHANGES = 'tributary.upstream.circuit_changes';
export const METRIC_UPSTREAM_ROUTED = 'tributary.upstream.routed';
export const METRIC_UPSTREAM_CANARY_CHANGES = 'tributary.upstream.canary_changes';
export const METRIC_UPSTREAM_SHADOW_CALLS = 'tributary.upstream.shadow_calls';
export const METRIC_UPSTREAM_SHADOW_DIFFERENCES = 'tributary.upstream.shadow_differences';
export const METRIC_UPSTREAM_ENDPOINTS = 'tributary.upstream.endpoints';
export const METRIC_UPSTREAM_SOURCE_UP = 'tributary.upstream.source.up';
export const METRIC_UPSTREAM_SOURCE_AGE = 'tributary.upstream.source.age';
export const METRIC_UPSTREAM_SOURCE_FAILURES = 'tributary.upstream.source.failures';
export const METRIC_UPSTREAM_SOURCE_CHANGES = 'tributary.upstream.source.changes';
export const METRIC_UPSTREAM_SOURCE_ENDPOINTS = 'tributary.upstream.source.endpoints';
export const METRIC_UPSTREAM_CERTIFICATE_EXPIRY = 'tributary.upstream.certificate_expiry';
export const METRIC_UPSTREAM_HANDSHAKE_FAILURES = 'tributary.upstream.handshake_failures';
export const METRIC_UPSTREAM_QUOTA_REMAINING = 'tributary.upstream.quota.remaining';
export const METRIC_EGRESS_PROXY_UP = 'tributary.egress.proxy.up';
export const METRIC_EGRESS_PROXY_ATTEMPTS = 'tributary.egress.proxy.attempts';
export const METRIC_EGRESS_REFUSALS = 'tributary.egress.refusals';
export const METRIC_LISTENER_REFUSALS = 'tributary.listener.refusals';
export const METRIC_LISTENER_CERTIFICATE_EXPIRY = 'tributary.listener.certificate_expiry';
export const METRIC_LISTENER_LIST_EXPIRY = 'tributary.listener.revocation_list_expiry';
export const METRIC_CACHE_VERDICTS = 'tributary.cache.verdicts';
export const METRIC_LIMIT_REFUSALS = 'tributary.limit.refusals';
export const METRIC_LIMITED_REQUESTS = 'tributary.limited_requests';
export const METRIC_RULED_REQUESTS = 'tributary.ruled_requests';
export const METRIC_UNTRUSTED_DOCUMENTS = 'tributary.untrusted_documents';
export const METRIC_STORE_UP = 'tributary.store.up';
export const METRIC_MEMORY_IN_FLIGHT = 'tributary.memory.in_flight';
export const METRIC_WEBSOCKETS_OPEN = 'tributary.websockets.open';
export const METRIC_WEBSOCKETS_CLOSED = 'tributary.websockets.closed';
export const METRIC_LOG_DROPPED = 'tributary.log.dropped';
export const METRIC_API_KEYS_UP = 'tributary.api_keys.up';
export const METRIC_API_KEYS_KNOWN = 'tributary.api_keys.known';
export const METRIC_API_KEYS_REFUSALS = 'tributary.api_keys.refusals';
export const METRIC_AUDIT_EVENTS = 'tributary.audit.events';

/** Label value of everything without a series of its own, and of operations without a name. */
export const OTHER = 'other';

export const TRACEPARENT_HEADER = 'traceparent';
export const TRACESTATE_HEADER = 'tracestate';
export const TRACE_ID_HEADER = 'x-trace-id';
export const CLIENT_NAME_HEADER = 'apollographql-client-name';
export const CLIENT_VERSION_HEADER = 'apollographql-client-version';
