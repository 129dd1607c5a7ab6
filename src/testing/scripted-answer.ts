import { parseKeepingDigits } from '../core/exact-json.ts';
import type { Call, RestMessage } from '../upstream/call.ts';
import { completeBody } from '../upstream/rest/answer/raw-body.ts';
import { readBody } from '../upstream/rest/answer/read-body.ts';

type Headers = Readonly<Record<string, string>>;

/** Bytes of a scripted body: text in UTF-8, bytes as they are, any other value as JSON. */
const bytesOf = (body: unknown): Buffer => {
  if (body instanceof Uint8Array) return Buffer.from(body);
  return Buffer.from(typeof body === 'string' ? body : (JSON.stringify(body) ?? ''));
};

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);

/** The chunks of a scripted stream. An Error among them breaks it there. */
async function* chunksOf(body: unknown, lost: (error: Error) => Error): AsyncGenerator<Uint8Array> {
  const isWhole = body instanceof Uint8Array || !isIterable(body);
  for await (const chunk of isWhole ? [body] : body) {
    if (chunk instanceof Error) throw lost(chunk);
    if (chunk !== undefined) yield new Uint8Array(bytesOf(chunk));
  }
}

/** Returns the value that a call reads from the scripted body of a successful answer. */
export const scriptedValue = (
  call: Call,
  message: RestMessage,
  body: unknown,
  headers: Headers,
  lost: (error: Error) => Error,
): unknown => {
  switch (message.as) {
    case undefined:
    case 'json':
      return body === undefined ? undefined : parseKeepingDigits(JSON.stringify(body));
    case 'stream':
      return chunksOf(body, lost);
    case 'raw':
      return completeBody(body === undefined ? Buffer.alloc(0) : bytesOf(body));
    default:
      return readBody(call, message, { status: 200, headers, body: bytesOf(body) });
  }
};
