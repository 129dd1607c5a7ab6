import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AnswerForm } from '../../upstream/call.ts';
import type { IdempotencyKey } from '../bind/idempotency.ts';
import type { RestHeaders } from '../bind/own-headers.ts';
import type { Codec, TwoWayCodec } from './body/codec.ts';
import type { FieldStyle } from './body/field-style.ts';
import type { Query } from './path.ts';

/** Form of an answer's value: a built-in one, or a codec that decodes it. */
export type AnswerAs = AnswerForm | Codec;

/** Options of every call. */
export interface TargetOptions {
  readonly query?: Query;
  /** Notation of lists and objects in `query`. Default: that of the upstream, `repeat`. */
  readonly queryStyle?: FieldStyle;
  /** Headers in addition to `forward`. The client itself sets those of the connection, the body and the trace. */
  readonly headers?: RestHeaders;
}

/** Options of a read. */
export interface ReadOptions<Response extends StandardSchemaV1, As extends AnswerAs> extends TargetOptions {
  /**
   * Form of the answer, which also sets `accept`: `json`, `text`, `bytes` (a Uint8Array), `stream` (an AsyncIterable of
   * Uint8Array, to be read once), `none` (the body is dropped), or a codec. Default `json`.
   */
  readonly as?: As;
  /**
   * Any Standard Schema validator (zod, valibot, arktype) of the value. An invalid answer is UPSTREAM_BAD_RESPONSE.
   * Optional for `text`, `bytes`, `stream` and `none`.
   */
  readonly response?: Response;
  /** Property of the JSON answer that has its value; null for none. Default: `rows.envelope` of the upstream. */
  readonly envelope?: string | null;
}

/** Options of a write. */
export interface WriteOptions<Response extends StandardSchemaV1, As extends AnswerAs>
  extends ReadOptions<Response, As> {
  /**
   * Sent as JSON: a bigint as a number with all its digits. `content-type` is `application/json`, or a JSON type set in
   * `headers`. With `codec` it is encoded by the codec.
   */
  readonly body?: unknown;
  /** Encodes `body`, and decodes the answer unless `as` is set. */
  readonly codec?: TwoWayCodec;
  /**
   * Sent as `application/x-www-form-urlencoded`. Lists and plain objects may be nested; null and undefined are left
   * out; a Date is ISO 8601.
   */
  readonly form?: object;
  /** Notation of lists and objects in `form` and `multipart`. Default: that of the upstream, `brackets`. */
  readonly formStyle?: FieldStyle;
  /**
   * Sent as `multipart/form-data`: fields as in a form, and files made by `file`. With a stream in a file, the call is
   * sent once.
   */
  readonly multipart?: object;
  /** Sent as UTF-8. `content-type` is `text/plain;charset=utf-8`, or a type set in `headers`. */
  readonly text?: string;
  /**
   * Sent unchanged. `content-type` is `application/octet-stream`, or a type set in `headers`. A stream is sent as it is
   * produced, and once.
   */
  readonly bytes?: Uint8Array | AsyncIterable<Uint8Array>;
  /**
   * Declares that sending the call twice has the same effect as sending it once. Sent as `Idempotency-Key`: a string as
   * a hash of the key, the caller and the route; `{ unscoped }` unchanged.
   */
  readonly idempotencyKey?: IdempotencyKey;
}
