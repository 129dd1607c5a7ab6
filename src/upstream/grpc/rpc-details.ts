import { Decoder } from '../../protobuf/codec/decode.ts';
import { builtInField as field, type MessageType, builtInMessage as message } from '../../protobuf/type-model.ts';

const PREFIX = 'type.googleapis.com/google.rpc.';
type Prefix = typeof PREFIX;

/**
 * A detail of a status, in the form of protobuf's JSON. Texts are those of the backend; absent ones are empty. Types and
 * meanings: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
 */
export type RpcDetail =
  | {
      readonly '@type': `${Prefix}ErrorInfo`;
      readonly reason: string;
      readonly domain: string;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | {
      readonly '@type': `${Prefix}BadRequest`;
      readonly fieldViolations: readonly {
        readonly field: string;
        readonly description: string;
        readonly reason: string;
      }[];
    }
  | {
      readonly '@type': `${Prefix}QuotaFailure`;
      readonly violations: readonly { readonly subject: string; readonly description: string }[];
    }
  | {
      readonly '@type': `${Prefix}PreconditionFailure`;
      readonly violations: readonly { readonly type: string; readonly subject: string; readonly description: string }[];
    }
  /** `retryDelay` as in `1.250s`; absent without a valid one. */
  | { readonly '@type': `${Prefix}RetryInfo`; readonly retryDelay?: string }
  | {
      readonly '@type': `${Prefix}ResourceInfo`;
      readonly resourceType: string;
      readonly resourceName: string;
      readonly owner: string;
      readonly description: string;
    }
  | {
      readonly '@type': `${Prefix}Help`;
      readonly links: readonly { readonly description: string; readonly url: string }[];
    }
  | { readonly '@type': `${Prefix}LocalizedMessage`; readonly locale: string; readonly message: string };

const texts = (name: string, ...fields: readonly string[]) =>
  message(
    `google.rpc.${name}`,
    fields.map((text, index) => field(index + 1, text, 'string')),
  );
const list = (name: string, items: string, item: ReturnType<typeof message>) =>
  message(`google.rpc.${name}`, [field(1, items, item, 'list')]);

const DURATION = message('google.protobuf.Duration', [field(1, 'seconds', 'int64'), field(2, 'nanos', 'int32')]);

const DETAILS = [
  message('google.rpc.ErrorInfo', [
    field(1, 'reason', 'string'),
    field(2, 'domain', 'string'),
    { ...field(3, 'metadata', 'string'), kind: 'map', key: 'string' },
  ]),
  list('BadRequest', 'fieldViolations', texts('BadRequest.FieldViolation', 'field', 'description', 'reason')),
  list('QuotaFailure', 'violations', texts('QuotaFailure.Violation', 'subject', 'description')),
  list('PreconditionFailure', 'violations', texts('PreconditionFailure.Violation', 'type', 'subject', 'description')),
  message('google.rpc.RetryInfo', [field(1, 'retryDelay', DURATION)]),
  texts('ResourceInfo', 'resourceType', 'resourceName', 'owner', 'description'),
  list('Help', 'links', texts('Help.Link', 'description', 'url')),
  texts('LocalizedMessage', 'locale', 'message'),
];

const ANY = message('google.protobuf.Any', [field(1, 'typeUrl', 'string'), field(2, 'value', 'bytes')]);
/** `google.rpc.Status`, without the code and the message, which gRPC sends in headers of their own. */
export const STATUS_TYPE = message('google.rpc.Status', [field(3, 'details', ANY, 'list')]);

const decoder = new Decoder();
const decodeStatus = decoder.for(STATUS_TYPE);
/** Messages of the details, by their `@type`. */
export const DETAIL_TYPES: ReadonlyMap<string, MessageType> = new Map(
  DETAILS.map((type) => [`type.googleapis.com/${type.name}`, type]),
);
const KNOWN = new Map([...DETAIL_TYPES].map(([url, type]) => [url, decoder.for(type)]));

const MAX_HEADER_LENGTH = 32_768;
const MAX_DETAILS = 16;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A `Duration` as protobuf's JSON writes it; undefined for a negative one. */
const durationText = (duration: unknown): string | undefined => {
  if (!isRecord(duration)) return undefined;
  const seconds = Number(duration.seconds) + Number(duration.nanos) / 1e9;
  return seconds >= 0 && Number.isFinite(seconds) ? `${Number(seconds.toFixed(9))}s` : undefined;
};

const decoded = (detail: unknown): RpcDetail | null => {
  if (!isRecord(detail) || !(detail.value instanceof Uint8Array)) return null;
  const type = String(detail.typeUrl);
  const value = KNOWN.get(type)?.(detail.value);
  if (!isRecord(value)) return null;
  const plain = type === `${PREFIX}RetryInfo` ? { retryDelay: durationText(value.retryDelay) } : value;
  // The decoder made the properties of DETAILS, which are those of RpcDetail.
  return { '@type': type, ...plain } as RpcDetail;
};

/**
 * Decodes the details in a `grpc-status-details-bin` header, except those of unknown types. Empty if the header is
 * absent, longer than 32,768 characters, or not a `google.rpc.Status`: the status alone decides then.
 */
export const rpcDetails = (header: string | undefined): readonly RpcDetail[] => {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return [];
  try {
    const status = decodeStatus(Buffer.from(header, 'base64'));
    if (!isRecord(status) || !Array.isArray(status.details)) return [];
    const details: readonly unknown[] = status.details;
    return details.slice(0, MAX_DETAILS).flatMap((detail) => decoded(detail) ?? []);
  } catch {
    return [];
  }
};
