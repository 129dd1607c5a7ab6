import { Decoder } from '../../protobuf/codec/decode.ts';
import { builtInField as field, builtInMessage as message } from '../../protobuf/type-model.ts';

// The fields used here of https://github.com/googleapis/googleapis/tree/master/google/rpc.
const ANY = message('google.protobuf.Any', [field(1, 'typeUrl', 'string'), field(2, 'value', 'bytes')]);
const STATUS = message('google.rpc.Status', [field(3, 'details', ANY, 'list')]);
const VIOLATION = message('google.rpc.BadRequest.FieldViolation', [
  field(1, 'field', 'string'),
  field(2, 'description', 'string'),
]);
const DURATION = message('google.protobuf.Duration', [field(1, 'seconds', 'int64'), field(2, 'nanos', 'int32')]);
const DETAILS = [
  message('google.rpc.BadRequest', [field(1, 'fieldViolations', VIOLATION, 'list')]),
  message('google.rpc.RetryInfo', [field(1, 'retryDelay', DURATION)]),
  message('google.rpc.ErrorInfo', [field(1, 'reason', 'string')]),
];
const decoder = new Decoder();
const decodeStatus = decoder.for(STATUS);
const KNOWN = new Map(DETAILS.map((type) => [`type.googleapis.com/${type.name}`, decoder.for(type)]));

export interface FieldViolation {
  readonly field: string;
  readonly message: string;
}

/** Details of a status that the gateway uses. */
export interface StatusDetails {
  /** Violations of BadRequest, by field. */
  readonly violations?: readonly FieldViolation[];
  /** Reason of ErrorInfo, in capitals. */
  readonly problem?: string;
  /** Delay of RetryInfo, in milliseconds. */
  readonly retryDelayMs?: number;
}

const MAX_HEADER_LENGTH = 32_768;
const MAX_DETAILS = 16;
const MAX_VIOLATIONS = 50;
const MAX_TEXT_LENGTH = 500;
/** Pattern of `ErrorInfo.reason`, from its definition. */
const REASON = /^[A-Z][A-Z0-9_]{0,62}$/;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const violationsIn = (entries: unknown): readonly FieldViolation[] =>
  listIn(entries)
    .slice(0, MAX_VIOLATIONS)
    .flatMap((entry) =>
      isRecord(entry) && typeof entry.field === 'string' && typeof entry.description === 'string'
        ? [{ field: entry.field.slice(0, MAX_TEXT_LENGTH), message: entry.description.slice(0, MAX_TEXT_LENGTH) }]
        : [],
    );

const delayIn = (duration: unknown): number | null => {
  if (!isRecord(duration)) return null;
  const ms = Number(duration.seconds) * 1_000 + Number(duration.nanos) / 1e6;
  return ms >= 0 ? ms : null;
};

const read = (detail: unknown): StatusDetails => {
  if (!isRecord(detail) || !(detail.value instanceof Uint8Array)) return {};
  const message = KNOWN.get(String(detail.typeUrl))?.(detail.value);
  if (!isRecord(message)) return {};
  if ('fieldViolations' in message) return { violations: violationsIn(message.fieldViolations) };
  if ('reason' in message)
    return typeof message.reason === 'string' && REASON.test(message.reason) ? { problem: message.reason } : {};
  const retryDelayMs = delayIn(message.retryDelay);
  return retryDelayMs === null ? {} : { retryDelayMs };
};

/** Decodes `grpc-status-details-bin`. Empty if it is absent, too long, or not a `google.rpc.Status`. */
export const statusDetails = (header: string | undefined): StatusDetails => {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return {};
  try {
    const status = decodeStatus(Buffer.from(header, 'base64'));
    if (!isRecord(status)) return {};
    const found: StatusDetails = {};
    for (const detail of listIn(status.details).slice(0, MAX_DETAILS)) Object.assign(found, read(detail));
    return found;
  } catch {
    // Details are optional: the status alone decides.
    return {};
  }
};
