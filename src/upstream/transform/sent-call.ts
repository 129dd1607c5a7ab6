import { jsonBody } from '../../core/json-body.ts';
import { HEADER_NAME, NEVER_FORWARDED } from '../../request/headers.ts';
import { type Call, copyOf, type GrpcMessage, isPassed, isRead, type RestMessage } from '../call.ts';
import { BodyStream } from '../stream/body-stream.ts';
import type { SentRestChange, TransformedRestCall } from './transform.ts';

const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;
const INTEGER = /^-?\d+$/;

/** Keeps integers that a double would change. TypeScript's library has no type for the text of a number. */
function exactly(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? BigInt(source) : value;
}

const bodyOf = ({ headers }: Call, { body }: RestMessage): unknown => {
  if (body === null || body instanceof BodyStream) return undefined;
  const type = headers['content-type'];
  return typeof body === 'string' && (type === undefined || JSON_TYPE.test(type)) ? JSON.parse(body, exactly) : body;
};

/** The call as `transform.request` receives it. */
export const describedCall = (call: Call): TransformedRestCall => {
  const { route, headers, message, subset } = call;
  const common = { route, subset: subset?.name ?? null, headers };
  return message.protocol === 'rest'
    ? { ...common, method: message.method, target: message.target, value: bodyOf(call, message) }
    : { ...common, method: 'POST', target: message.path, value: message.codec?.decode(message.request) };
};

const TARGET = /^\/[\x21\x22\x24-\x7e]*$/;
const HEADER_VALUE = /^[\x20-\x7e\t]*$/;
/** Headers of the gateway, in addition to those that are never forwarded. */
const OWN: ReadonlySet<string> = new Set(['accept-encoding', 'idempotency-key', 'traceparent', 'tracestate']);

const isReserved = (name: string, { message }: Call): boolean => {
  if (name === 'content-type') return message.protocol === 'grpc';
  return NEVER_FORWARDED.has(name) || OWN.has(name) || name.startsWith('grpc-');
};

const withHeaders = (call: Call, added: Readonly<Record<string, string>>): Readonly<Record<string, string>> => {
  const headers = { ...call.headers };
  for (const [given, value] of Object.entries(added)) {
    const name = given.toLowerCase();
    if (headers[name] === value) continue;
    if (isReserved(name, call)) throw new TypeError(`the header ${name} is set by the gateway`);
    if (!HEADER_NAME.test(name) || typeof value !== 'string' || !HEADER_VALUE.test(value))
      throw new TypeError('a header cannot be sent');
    headers[name] = value;
  }
  return headers;
};

const encodedBody = ({ body }: RestMessage, value: unknown): RestMessage['body'] => {
  if (value === undefined) return body instanceof BodyStream ? body : null;
  if (body instanceof BodyStream) throw new TypeError('the body is a stream');
  return typeof value === 'string' || value instanceof Uint8Array ? value : jsonBody(value);
};

const sentRest = (call: Call, message: RestMessage, change: SentRestChange): RestMessage => {
  const { method = message.method, target = message.target } = change;
  // The answer of a pass-through route has one form.
  const as = isPassed({ message }) ? message.as : (change.as ?? message.as ?? 'json');
  if (!TARGET.test(target)) throw new TypeError('the target is not an encoded path');
  const body = 'value' in change ? encodedBody(message, change.value) : message.body;
  // A read by POST, as some old interfaces have it, changes nothing either.
  return { ...message, method, target, body, ...(as && { as }), safe: isRead(call) };
};

const sentGrpc = (message: GrpcMessage, change: SentRestChange): GrpcMessage => {
  if (change.value === undefined) return message;
  if (message.codec === undefined) throw new TypeError('the messages are a stream');
  return { ...message, request: message.codec.encode(change.value) };
};

/**
 * The call with this change.
 *
 * @throws Error for a change that cannot be sent
 */
export const changedCall = (call: Call, change: SentRestChange): Call => {
  const { message } = call;
  const sent = copyOf(call);
  if (change.headers !== undefined) sent.headers = withHeaders(call, change.headers);
  sent.message = message.protocol === 'rest' ? sentRest(call, message, change) : sentGrpc(message, change);
  return sent;
};
