import type { TrafficSettings } from '../../upstream/options.ts';
import type { BodyKind } from '../rest/body/request-body.ts';

/** Headers that a call must not set, in lower case, each with the reason and the fix. */
const OF_ALL_CALLS = {
  connection: 'belongs to the connection: remove it',
  'keep-alive': 'belongs to the connection: remove it',
  'proxy-connection': 'belongs to the connection: remove it',
  'http2-settings': 'belongs to the connection: remove it',
  'transfer-encoding': 'belongs to the connection: remove it',
  upgrade: 'belongs to the connection: remove it',
  te: 'belongs to the connection: remove it',
  trailer: 'belongs to the connection: remove it',
  expect: 'belongs to the connection: remove it',
  host: 'comes from the endpoint: set the upstream’s variable',
  'content-length': 'is counted from the body: remove it',
  'content-encoding': 'is set by the client: use the option compression',
  'idempotency-key': 'is scoped to the caller: use the option idempotencyKey',
  traceparent: 'comes from the request’s trace: remove it',
  tracestate: 'comes from the request’s trace: remove it',
} as const;

const OF_GRPC_CALLS = { ...OF_ALL_CALLS, 'content-type': 'is set by the gRPC client: remove it' } as const;

/** `Content-Type` of `content-type`. */
type Title<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${Capitalize<First>}-${Title<Rest>}`
  : Capitalize<Name>;

/** Any header names except these; the property type contains the reason, for the compiler's message. */
type Without<Reasons extends Readonly<Record<string, string>>> = Readonly<Record<string, string>> & {
  readonly [Name in keyof Reasons & string]?: Reasons[Name];
} & { readonly [Name in keyof Reasons & string as Title<Name>]?: Reasons[Name] };

export type RestHeaders = Without<typeof OF_ALL_CALLS>;
export type GrpcMetadata = Without<typeof OF_GRPC_CALLS>;

/** Rules for the headers or metadata of one upstream's calls. */
export interface HeaderRules {
  /** Values that arrive unchanged. */
  readonly sendable: RegExp;
  readonly name: RegExp;
  /** The reason for which a call must not set a header, by its name in lower case; null for an allowed one. */
  readonly refusal: (name: string, value: string) => string | null;
}

/**
 * RFC 9110, 5.5: visible ASCII, with space or tab inside. HTTP drops them at the ends, which would make two values
 * equal.
 */
const HEADER_VALUE = /^(?![\x20\t])[\x20-\x7e\t]*(?<![\x20\t])$/;
/** RFC 9110, 5.6.2. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/**
 * Printable ASCII. HTTP/2 forbids space at the ends of a value (RFC 9113, 8.2.1): servers drop it or reject the call.
 */
const METADATA_VALUE = /^(?!\x20)[\x20-\x7e]*(?<!\x20)$/;
const METADATA_NAME = /^[0-9a-z_.-]+$/;

const find = (reasons: Readonly<Record<string, string>>, name: string): string | null =>
  Object.hasOwn(reasons, name) ? (reasons[name] ?? null) : null;

/** True without a charset, and for UTF-8. */
const isUtf8 = (parameters: readonly string[]): boolean => {
  const charset = /^charset\s*=\s*"?([^\s"]*)/i.exec(parameters.find((one) => /^\s*charset/i.test(one))?.trim() ?? '');
  return charset === null || /^utf-?8$/i.test(charset[1] ?? '');
};

/** True for a JSON media type in UTF-8: `application/merge-patch+json`, `application/json; charset=utf-8`. */
const isJsonType = (value: string): boolean => {
  const [type = '', ...parameters] = value.split(';');
  return /^[^\s/]+\/(?:[^\s/]+\+)?json\s*$/i.test(type) && isUtf8(parameters);
};

type ContentTypeRule = (value: string) => string | null;

/** The reason for which `headers` must not set a `content-type`, by the kind of the body. */
const CONTENT_TYPE: Readonly<Record<BodyKind, ContentTypeRule>> = {
  json: (value) => (isJsonType(value) ? null : 'is not JSON in UTF-8, as bodies are: use a JSON type, or remove it'),
  codec: () => 'is that of the codec: remove it',
  form: () => 'is that of a form: remove it',
  multipart: () => 'has the boundary of the parts: remove it',
  text: (value) => (isUtf8(value.split(';').slice(1)) ? null : 'has another charset than UTF-8, in which text is sent'),
  bytes: () => null,
};

/** Names of the headers that an upstream sets to a secret, in lower case. */
type SecretHeaders = ReadonlySet<string>;
const NO_SECRETS: SecretHeaders = new Set();
const IS_SECRET = 'is set by the options headers or auth of the upstream: remove it';

/** Names of the headers that carry the deadline and the number of the attempt; null for none. */
export type TrafficHeaders = Pick<TrafficSettings, 'deadlineHeader' | 'attemptHeader'>;

const restRules = (traffic: TrafficHeaders, secrets: SecretHeaders, kind: BodyKind): HeaderRules => ({
  sendable: HEADER_VALUE,
  name: HEADER_NAME,
  refusal: (name, value) => {
    if (secrets.has(name)) return IS_SECRET;
    if (name === traffic.deadlineHeader)
      return 'carries the deadline: set the upstream’s deadlineHeader to another name, or to false';
    if (name === traffic.attemptHeader)
      return 'carries the number of the attempt: set the upstream’s attemptHeader to another name, or to false';
    const reason = name === 'content-type' ? CONTENT_TYPE[kind](value) : null;
    return reason ?? find(OF_ALL_CALLS, name);
  },
});

/** The rules of a REST upstream, by the kind of the body. */
export const restHeaderRules = (
  traffic: TrafficHeaders,
  secrets: SecretHeaders = NO_SECRETS,
): Readonly<Record<BodyKind, HeaderRules>> => ({
  json: restRules(traffic, secrets, 'json'),
  codec: restRules(traffic, secrets, 'codec'),
  form: restRules(traffic, secrets, 'form'),
  multipart: restRules(traffic, secrets, 'multipart'),
  text: restRules(traffic, secrets, 'text'),
  bytes: restRules(traffic, secrets, 'bytes'),
});

/** Values of `-bin` metadata, separated by commas. Servers would decode other text to other bytes. */
const BASE64_VALUES = /^[A-Za-z0-9+/]*={0,2}(?:,[A-Za-z0-9+/]*={0,2})*$/;

/** The rules of a gRPC upstream. */
export const grpcMetadataRules = (secrets: SecretHeaders = NO_SECRETS): HeaderRules => ({
  sendable: METADATA_VALUE,
  name: METADATA_NAME,
  refusal: (name, value) => {
    if (secrets.has(name)) return IS_SECRET;
    if (name.startsWith('grpc-')) return 'is reserved by gRPC: remove it';
    if (name.endsWith('-bin') && !BASE64_VALUES.test(value)) return 'is not base64, as names that end in -bin are';
    return find(OF_GRPC_CALLS, name);
  },
});

export const GRPC_METADATA_RULES: HeaderRules = grpcMetadataRules();
