import { Encoder } from '../protobuf/codec/encode.ts';
import { DETAIL_TYPES, STATUS_TYPE } from '../upstream/grpc/rpc-details.ts';

const encoder = new Encoder();

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Message and details of a scripted gRPC error response. Default: a fixed message, no details. */
export const scriptedError = (
  body: unknown,
): { readonly message: string; readonly details: readonly unknown[] | undefined } => {
  if (!isRecord(body)) return { message: 'as scripted', details: undefined };
  const { message, details } = body;
  return {
    message: typeof message === 'string' ? message : 'as scripted',
    details: Array.isArray(details) ? details : undefined,
  };
};

const DURATION = /^(\d+)(?:\.(\d{1,9}))?s$/;

const encoded = (detail: unknown): { readonly typeUrl: string; readonly value: Uint8Array } => {
  const { '@type': typeUrl, retryDelay, ...rest } = isRecord(detail) ? detail : {};
  const type = DETAIL_TYPES.get(String(typeUrl));
  if (type === undefined)
    throw new Error(`a scripted detail has the @type ${String(typeUrl)}: use ${[...DETAIL_TYPES.keys()].join(', ')}`);
  const [, seconds, nanos = '0'] = DURATION.exec(String(retryDelay)) ?? [];
  const delay = seconds === undefined ? {} : { retryDelay: { seconds, nanos: Number(nanos.padEnd(9, '0')) } };
  return { typeUrl: String(typeUrl), value: encoder.for(type)({ ...rest, ...delay }) };
};

/** Encodes details to the value of `grpc-status-details-bin`. @throws Error for an unknown `@type`. */
export const encodedDetails = (details: readonly unknown[]): string =>
  Buffer.from(encoder.for(STATUS_TYPE)({ details: details.map(encoded) })).toString('base64');
