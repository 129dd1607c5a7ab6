import { UpstreamError } from '../../../core/errors.ts';
import { parseKeepingDigits } from '../../../core/exact-json.ts';
import type { Call, RestMessage } from '../../call.ts';
import type { AnswerHead, RawAnswer } from '../exchange.ts';
import { textOf, UnreadableTextError } from './text.ts';

const NO_CONTENT = 204;
const PARTIAL_CONTENT = 206;

type Body = Pick<RawAnswer, 'status' | 'headers' | 'body'>;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const unreadable = (call: Call, { headers }: Body, cause: unknown): UpstreamError => {
  const type = headers['content-type'] ?? 'no type';
  const how = cause instanceof UnreadableTextError ? cause.message : 'is not JSON';
  return new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `the answer ${how} (${type})`, { cause });
};

const jsonOf = ({ headers, body }: Body): unknown =>
  body.length === 0 ? undefined : parseKeepingDigits(textOf(body, headers['content-type']));

const textIn = (call: Call, raw: Body): string => {
  try {
    return textOf(raw.body, raw.headers['content-type']);
  } catch (cause) {
    throw unreadable(call, raw, cause);
  }
};

/** Maximum size of an error response's body in bytes. A larger one is dropped: errors live as long as their request. */
const MAX_ERROR_BYTES = 65_536;

/** The body of an error response, which may be anything: JSON, else its text, else undefined. */
const errorIn = ({ body, headers }: Body): unknown => {
  if (body.length === 0 || body.length > MAX_ERROR_BYTES) return undefined;
  let text: string | undefined;
  try {
    text = textOf(body, headers['content-type']);
    return parseKeepingDigits(text);
  } catch {
    return text;
  }
};

const jsonIn = (call: Call, raw: Body): unknown => {
  try {
    return jsonOf(raw);
  } catch (cause) {
    throw unreadable(call, raw, cause);
  }
};

/**
 * Reads the body of an answer that is not a stream, in the form that the message requires. The body of a failed call is
 * JSON or text, whatever the form.
 *
 * @throws UpstreamError UPSTREAM_BAD_RESPONSE for a successful answer that is not JSON, or not text in its charset.
 */
export const readBody = (call: Call, { as = 'json', statusOnly }: RestMessage, raw: Body): unknown => {
  if (statusOnly === true) return undefined;
  if (!isSuccess(raw.status)) return errorIn(raw);
  switch (as) {
    case 'json':
      return jsonIn(call, raw);
    case 'text':
      return textIn(call, raw);
    case 'bytes':
      return new Uint8Array(raw.body.buffer, raw.body.byteOffset, raw.body.length);
    case 'none':
    case 'stream':
    case 'raw':
    case 'socket':
      return undefined;
    default:
      return as satisfies never;
  }
};

const isUnframed = ({ headers }: AnswerHead): boolean =>
  headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/**
 * True if a truncation would go unnoticed. Without a length, an HTTP/1.1 body lasts as long as the connection. A
 * truncated number is still valid JSON, and an empty body may be the rest of any value; every other truncated value is
 * invalid JSON.
 */
export const mayBeCut = (value: unknown, { as = 'json' }: RestMessage, raw: RawAnswer): boolean =>
  as === 'json' && raw.status !== NO_CONTENT && (value === undefined || isDigit(raw.body.at(-1))) && isUnframed(raw);

export const truncated = (call: Call): UpstreamError =>
  new UpstreamError(
    'UPSTREAM_BAD_RESPONSE',
    call,
    'the answer has neither content-length nor transfer-encoding and may be truncated',
  );

/**
 * The fault of an answer that its head reveals: a part that was not requested, or text, bytes or a stream without a
 * length. Null for none.
 */
export const headFault = (
  call: Call,
  { as = 'json', method }: RestMessage,
  head: AnswerHead,
  isHttp2: boolean,
): UpstreamError | null => {
  const { status } = head;
  if (status === PARTIAL_CONTENT && call.headers.range === undefined)
    return new UpstreamError('UPSTREAM_BAD_RESPONSE', call, 'the answer is a part, which was not requested', {
      status,
    });
  const isExact = as === 'text' || as === 'bytes' || as === 'stream' || as === 'raw';
  if (!isExact || method === 'HEAD' || isHttp2 || !isSuccess(status) || status === NO_CONTENT) return null;
  return isUnframed(head) ? truncated(call) : null;
};
