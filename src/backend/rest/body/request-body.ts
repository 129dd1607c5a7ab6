import { jsonBody } from '../../../core/json-body.ts';
import type { RestMessage } from '../../../upstream/call.ts';
import { BodyStream } from '../../../upstream/stream/body-stream.ts';
import type { RowMapping } from '../../rows/row-mapping.ts';
import { BodySource, isAsyncIterable } from './body-source.ts';
import type { TwoWayCodec } from './codec.ts';
import type { FieldStyle } from './field-style.ts';
import { wellFormed } from './fields.ts';
import { multipartBody } from './multipart.ts';
import { formBody } from './urlencoded.ts';

/** Kinds of request bodies. Calls without a body are of the kind `json`. */
export type BodyKind = 'json' | 'codec' | 'form' | 'multipart' | 'text' | 'bytes';

/** Options of a call that concern its body. At most one of `body`, `form`, `multipart`, `text` and `bytes` is set. */
export interface BodyOptions {
  readonly body?: unknown;
  readonly codec?: TwoWayCodec | undefined;
  readonly form?: object | undefined;
  readonly formStyle?: FieldStyle | undefined;
  readonly multipart?: object | undefined;
  readonly text?: string | undefined;
  readonly bytes?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

/** Settings of the upstream. */
export interface BodySettings {
  readonly formStyle: FieldStyle;
  /** Maximum size in bytes. */
  readonly maxRequestBytes: number;
  /** Conversion of the names in JSON and in forms. */
  readonly rows: Pick<RowMapping, 'write'>;
}

/** A body as it is sent. */
export interface RequestBody {
  readonly kind: BodyKind;
  readonly content: RestMessage['body'];
  /** `content-type` unless the call's headers have one; null for the transport's, `application/json`. */
  readonly type: string | null;
}

const NO_BODY: RequestBody = { kind: 'json', content: null, type: null };
const BODIES = ['body', 'form', 'multipart', 'text', 'bytes'] as const;

type BodyName = (typeof BODIES)[number];

/** Name of the option that has the body; undefined for no body. */
const nameOf = (options: BodyOptions): BodyName | undefined => {
  const { body, form, multipart, text, bytes } = options;
  if (form === undefined && multipart === undefined && text === undefined && bytes === undefined)
    return body === undefined ? undefined : 'body';
  let found: BodyName | undefined;
  for (const name of BODIES) {
    if (options[name] === undefined) continue;
    if (found !== undefined) throw new Error(`a call has one body, not ${found} and ${name}`);
    found = name;
  }
  return found;
};

const isContent = (value: unknown): value is string | Uint8Array =>
  typeof value === 'string' || value instanceof Uint8Array;

const encodedBy = ({ type, encode }: TwoWayCodec, value: unknown): RequestBody => {
  // The compiler does not check the value: a codec encodes whatever its author passes.
  const content: unknown = encode(value as never);
  if (!isContent(content)) throw new Error(`the codec ${type} must encode to a string or a Uint8Array`);
  return { kind: 'codec', content, type };
};

const streamed = (
  chunks: AsyncIterable<Uint8Array>,
  sources: readonly BodySource[],
  { maxRequestBytes: maxBytes }: BodySettings,
  call: string,
): BodyStream =>
  new BodyStream({
    name: call,
    chunks,
    maxBytes,
    release: () => {
      for (const source of sources) source.release();
    },
  });

const bytesBody = (bytes: unknown, settings: BodySettings, call: string): RequestBody['content'] => {
  if (bytes instanceof Uint8Array) return bytes;
  if (!isAsyncIterable(bytes)) throw new Error('bytes must be a Uint8Array or an async iterable of Uint8Array');
  const source = new BodySource(bytes);
  return streamed(source, [source], settings, call);
};

const encoded = (options: BodyOptions, settings: BodySettings, call: string): RequestBody => {
  const name = nameOf(options);
  switch (name) {
    case undefined:
      return NO_BODY;
    case 'body':
      if (options.codec !== undefined) return encodedBy(options.codec, options.body);
      return { kind: 'json', content: jsonBody(settings.rows.write(options.body)), type: null };
    case 'form': {
      const content = formBody(
        Object(settings.rows.write(options.form ?? {})),
        options.formStyle ?? settings.formStyle,
      );
      return { kind: 'form', content, type: 'application/x-www-form-urlencoded' };
    }
    case 'multipart': {
      const { type, content, sources } = multipartBody(
        options.multipart ?? {},
        options.formStyle ?? settings.formStyle,
      );
      const sent = content instanceof Uint8Array ? content : streamed(content, sources, settings, call);
      return { kind: 'multipart', content: sent, type };
    }
    case 'text':
      if (typeof options.text !== 'string') throw new Error('text must be a string');
      return { kind: 'text', content: wellFormed(options.text, 'text'), type: 'text/plain;charset=utf-8' };
    case 'bytes':
      return { kind: 'bytes', content: bytesBody(options.bytes, settings, call), type: 'application/octet-stream' };
    default:
      return name satisfies never;
  }
};

/** Maximum number of bytes of UTF-8 for one UTF-16 unit. */
const MAX_BYTES_OF_UNIT = 3;

const isLarger = (content: RestMessage['body'], maxBytes: number): boolean => {
  if (typeof content === 'string')
    return content.length * MAX_BYTES_OF_UNIT > maxBytes && Buffer.byteLength(content) > maxBytes;
  return content instanceof Uint8Array && content.length > maxBytes;
};

/**
 * Encodes the body of a call. `call` names it in messages about a stream, which reaches its limit while it is sent.
 *
 * @throws Error for two bodies, a body above the limit, and a value that cannot be sent as written; GatewayError
 * BAD_USER_INPUT for text that is not well-formed.
 */
export const requestBody = (options: BodyOptions, settings: BodySettings, call: string): RequestBody => {
  const body = encoded(options, settings, call);
  const { maxRequestBytes } = settings;
  if (isLarger(body.content, maxRequestBytes))
    throw new Error(`the body has more than ${maxRequestBytes} bytes (maxRequestBytes)`);
  return body;
};
