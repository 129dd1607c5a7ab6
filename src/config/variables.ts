import { constants } from 'node:buffer';
import { z } from 'zod';
import { checkedHeaders, deniedHeaders, suppliedClaims, suppliedHeaders } from './authz-headers.ts';
import * as kinds from './kinds.ts';
import { listenerCertificates } from './listener-certificates.ts';
import { manifests } from './manifests.ts';
import { accessRules } from './network/access-rules.ts';
import { isDnsServer } from './network/dns-server.ts';
import { keyStorePlace } from './places.ts';
import { responseHeaders } from './response-headers.ts';
import { telemetryVariables } from './telemetry.ts';

/**
 * Every variable of the gateway: one line each, with its kind and default. A new line here is read, checked, listed by the
 * test of junk values and required in .env.example. The `*_ENDPOINTS` of the schema modules are added by `readConfig`.
 */
export const variables = z.object({
  /** Port and address of the listener for clients. */
  PORT: kinds.port(4_000),
  HOST: kinds.host('0.0.0.0'),
  /** Port and address of the listener for operators, which must not be reachable from outside. */
  ADMIN_PORT: kinds.port(4_001),
  ADMIN_HOST: kinds.host('127.0.0.1'),
  /** Certificates of the listener for clients; an empty list stands for plain HTTP. */
  TLS_CERTIFICATES: listenerCertificates,
  /** Oldest accepted version of TLS, on both listeners. */
  TLS_MIN_VERSION: kinds.word(['1.2', '1.3']).default('1.2'),
  /** Authorities of client certificates. */
  TLS_CLIENT_CA: kinds.paths,
  /** Certificate revocation lists of these authorities. */
  TLS_CLIENT_CRL: kinds.paths,
  /** Client certificates: not requested, accepted, or required. */
  TLS_CLIENT_CERTIFICATES: kinds.word(['off', 'optional', 'required']).default('off'),
  /** The same for the listener for operators. */
  ADMIN_TLS_CERTIFICATES: listenerCertificates,
  ADMIN_TLS_CLIENT_CA: kinds.paths,
  ADMIN_TLS_CLIENT_CRL: kinds.paths,
  ADMIN_TLS_CLIENT_CERTIFICATES: kinds.word(['off', 'optional', 'required']).default('off'),
  /** `Strict-Transport-Security` of responses over TLS; null for none. */
  HSTS: kinds.hsts,
  /** Port of plain HTTP that redirects to TLS; null for none. */
  REDIRECT_PORT: kinds.optionalPort,
  /** Port of URLs that clients use, for redirects; null for `PORT`. */
  PUBLIC_PORT: kinds.optionalPort,
  /** Folder with the responses to challenges of ACME, served on `REDIRECT_PORT`; null for none. */
  ACME_CHALLENGES: kinds.path,
  /** Bearer token that writes on the admin listener require; null forbids writes. */
  ADMIN_TOKEN: kinds.adminToken,
  /** Tokens of upstreams with endpoints that register themselves. */
  REGISTRATION_TOKENS: kinds.registrationTokens,
  /** Addresses or CIDRs that endpoints may register. */
  REGISTRATION_NETWORKS: kinds.networks,
  /** Folder of the schema modules. */
  SCHEMA_DIR: kinds.matching(/./, 'must be a folder', './schema'),
  /** Zone of this gateway. Endpoints of the same zone are preferred. */
  ZONE: kinds.matching(/^[\w.-]{1,64}$/, 'must be a name such as eu-west-1a', ''),
  /** Region of this gateway. Endpoints of the same region come after those of its zone and before all others. */
  REGION: kinds.matching(/^[\w.-]{1,64}$/, 'must be a name such as eu-west', ''),
  /** Number of this replica and of all, for upstreams with an aperture. */
  REPLICA: kinds.replica,
  /** `on` allows operators to inject faults through `/overrides`. */
  FAULT_INJECTION: kinds.onOff,
  /** DNS servers for `dns+` and `srv+` endpoints; an empty list stands for the system's servers. */
  DNS_SERVERS: kinds.listOf((part) =>
    isDnsServer(part) ? null : 'must be addresses such as 10.0.0.2 or 10.0.0.2:53, separated by commas',
  ),
  /** Hosts, addresses and CIDRs that the gateway may call; an empty list stands for all but reserved addresses. */
  EGRESS_ALLOW: kinds.egressAllow,
  /** Proxies for the calls of upstreams with `egress`: a list, or a file; null for none. */
  EGRESS_PROXIES: kinds.egressProxies,
  /** Proxies for all other calls, by the scheme of the endpoint; null for none. */
  HTTPS_PROXY: kinds.usualProxy,
  HTTP_PROXY: kinds.usualProxy,
  /** Hosts that are called without a proxy. */
  NO_PROXY: kinds.noProxy,
  /** Execution of operations: by plans, by delegation alone, or by both for a share of them, to compare the answers. */
  EXECUTION: kinds.word(['compiled', 'reference', 'compare']).default('compiled'),
  /** Access to fields without a requirement and without @public: allowed, or a problem at the start. */
  AUTH_DEFAULT: kinds.word(['allow', 'deny']).default('allow'),
  EXPLORER: kinds.onOff,
  /** Introspection: off, of the whole schema, or of what the caller may reach. */
  INTROSPECTION: kinds.word(['off', 'on', 'caller']).default('off'),
  /** `on` serves the OpenAPI document of the pass-through routes at /openapi.json. */
  OPENAPI: kinds.onOff,
  /** Deadline of a request in milliseconds, from its arrival to its answer. */
  REQUEST_TIMEOUT_MS: kinds.positive(10_000),
  /** Milliseconds between the first `/readyz` with 503 and the end of listening. */
  SHUTDOWN_DELAY_MS: kinds.wholeNumber(0, 0, 300_000),
  /** Longest request body in bytes. The maximum is the longest text of Node. */
  MAX_BODY_BYTES: kinds.positive(1_048_576, constants.MAX_STRING_LENGTH),
  /** Largest number of operations in one request, as a JSON array; 0 for no batches of operations. */
  MAX_BATCH_OPERATIONS: kinds.wholeNumber(0, 0, 100),
  /** Longest URL and headers of a request in bytes, and longest URL in characters; null for that of URL and headers. */
  MAX_HEADER_BYTES: kinds.wholeNumber(16_384, 1_024, 1_048_576),
  MAX_URL_LENGTH: kinds.derived(64),
  /** Largest number of connections of clients, in all and of one address; null for no bound of one address. */
  MAX_CONNECTIONS: kinds.positive(20_000),
  MAX_CONNECTIONS_PER_ADDRESS: kinds.derived(1),
  /** Rules about the addresses of clients and operators. */
  ACCESS_RULES: accessRules,
  ADMIN_ACCESS_RULES: accessRules,
  /** Largest number of requests to pass-through routes in flight of one client. */
  MAX_ROUTE_REQUESTS_PER_CLIENT: kinds.positive(100),
  /** Largest number of WebSockets of pass-through routes, in all and of one client. */
  MAX_WEBSOCKETS: kinds.positive(10_000),
  MAX_WEBSOCKETS_PER_CLIENT: kinds.positive(100),
  /** Origins of web pages that may read answers. */
  CORS_ORIGINS: kinds.origins,
  /** `on` lets these pages send and receive cookies. */
  CORS_CREDENTIALS: kinds.onOff,
  /** Seconds for which browsers keep the answer to a preflight. */
  CORS_MAX_AGE: kinds.wholeNumber(600, 0, 86_400),
  /** Headers of every response, in addition to or in place of the security headers. */
  RESPONSE_HEADERS: responseHeaders,
  /** Addresses or CIDRs of proxies that may set forwarding headers. */
  TRUSTED_PROXIES: kinds.proxies,
  /** Addresses or CIDRs of proxies that send a PROXY header first, on the listener for clients. */
  PROXY_PROTOCOL: kinds.proxies,
  /** Hosts of requests that are answered; an empty list stands for all hosts. */
  PUBLIC_HOSTS: kinds.hostNames,
  /** Redis of all replicas; null keeps everything in this process. */
  REDIS_URL: kinds.redisUrl,
  /** Store of the API keys; null accepts no keys. */
  API_KEYS: keyStorePlace,
  /** Issuers of accepted tokens. */
  JWT_ISSUERS: kinds.issuers,
  /** Introspection of tokens other than JWTs of these issuers; null for none. */
  TOKEN_INTROSPECTION: kinds.tokenIntrospection,
  /** Resource identifier of this gateway, with its scopes, for its metadata; null for none. */
  PROTECTED_RESOURCE: kinds.protectedResource,
  /** Manifests of trusted documents; an empty list allows every document. */
  TRUSTED_DOCUMENTS: manifests,
  /** Other documents: refused, or executed and logged. */
  TRUSTED_DOCUMENTS_MODE: kinds.word(['only', 'log']).default('only'),
  /** `iss` of the tokens that this gateway issues for backends; null for none. */
  INTERNAL_TOKEN_ISSUER: kinds.issuerName,
  /** File with their private keys in PEM format: the first one signs, all are published. Null for none. */
  INTERNAL_TOKEN_KEYS: kinds.path,
  /** Sign-in of browsers at an OpenID provider; null for none. */
  SESSIONS: kinds.sessions,
  /** Endpoints of the service that decides about each request; null for none. */
  EXT_AUTHZ: kinds.path,
  /** Headers of the client that it receives; headers that backends, and claims that users, receive from it. */
  EXT_AUTHZ_HEADERS: checkedHeaders,
  EXT_AUTHZ_ANSWER_HEADERS: suppliedHeaders,
  EXT_AUTHZ_CLAIMS: suppliedClaims,
  /** Headers of its refusals that the client receives. */
  EXT_AUTHZ_DENIED_HEADERS: deniedHeaders,
  /** Milliseconds for its decision, and for which a decision is kept. */
  EXT_AUTHZ_TIMEOUT_MS: kinds.positive(1_000),
  EXT_AUTHZ_CACHE_MS: kinds.wholeNumber(0, 0, 3_600_000),
  /** Limits of one document. */
  MAX_TOKENS: kinds.positive(4_000),
  MAX_DEPTH: kinds.positive(12),
  MAX_ALIASES: kinds.positive(100),
  MAX_ROOT_FIELDS: kinds.positive(20),
  MAX_DIRECTIVES: kinds.positive(50),
  MAX_SELECTIONS: kinds.positive(10_000),
  /** Limit of one answer's fields, each counted twice. */
  MAX_FIELDS: kinds.positive(250_000),
  /** Longest text of an answer in bytes, before compression, and largest number of its errors. */
  MAX_RESPONSE_BYTES: kinds.positive(33_554_432, constants.MAX_STRING_LENGTH),
  MAX_RESPONSE_ERRORS: kinds.positive(1_000),
  /** Largest static cost of an operation; null for any. */
  MAX_COST: kinds.derived(1),
  /** Operations above it: refused, or executed and reported. */
  COST_MODE: kinds.word(['enforce', 'measure']).default('enforce'),
  /** Number of items of a list without @listSize, in costs. */
  DEFAULT_LIST_SIZE: kinds.positive(100),
  /** Real cost of an attempt of a call to a backend, and of 1,024 bytes of `data`. */
  COST_PER_CALL: kinds.weight,
  COST_PER_KIB: kinds.weight,
  /** Estimated bytes that requests in flight may hold; null for a quarter of the heap. */
  MAX_BYTES_IN_FLIGHT: kinds.derived(1_048_576),
  /** Rate limit of one client. */
  CLIENT_RATE_LIMIT: kinds.quota(6_000, 60),
  /** File with the rules that allow, deny, measure or tag requests. */
  REQUEST_RULES: kinds.path,
  /** File with the rules that limit requests. */
  LIMITS: kinds.path,
  /** Number of gateways that share the rate limits. */
  RATE_LIMIT_REPLICAS: kinds.positive(1),
  ...telemetryVariables,
});

export type Settings = Readonly<z.infer<typeof variables>>;

export const VARIABLE_NAMES: readonly string[] = Object.keys(variables.shape);
