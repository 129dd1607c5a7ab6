import { randomUUID } from 'node:crypto';
import { BodySource, isAsyncIterable } from './body-source.ts';
import type { FieldStyle } from './field-style.ts';
import { walkFields, wellFormed } from './fields.ts';
import { FilePart } from './file.ts';

/** A `multipart/form-data` body (RFC 7578). */
export interface MultipartBody {
  /** `content-type`, with the boundary. */
  readonly type: string;
  /** The chunks in memory, or those of a body with streams. */
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
  /** Streams of the body. */
  readonly sources: readonly BodySource[];
}

interface Part {
  readonly head: string;
  readonly content: Uint8Array | BodySource;
}

const ESCAPES: Readonly<Record<string, string>> = { '\r': '%0D', '\n': '%0A', '"': '%22' };

/** Escapes a name as browsers do, so that it cannot end its header. */
const escaped = (name: string, what: string): string =>
  wellFormed(name, what).replaceAll(/[\r\n"]/g, (found) => ESCAPES[found] ?? '');

/** Line ends in the name of a field are CR LF, as browsers send them. */
const fieldName = (name: string): string => escaped(name.replaceAll(/\r\n?|\n/g, '\r\n'), 'multipart');

const contentOf = (name: string, { content }: FilePart): Part['content'] => {
  if (typeof content === 'string') return Buffer.from(wellFormed(content, name));
  if (content instanceof Uint8Array) return content;
  if (isAsyncIterable(content)) return new BodySource(content);
  throw new Error(`multipart: the content of the file ${name} must be a string, a Uint8Array or an async iterable`);
};

const partsOf = (fields: object, style: FieldStyle): readonly Part[] => {
  const parts: Part[] = [];
  const add = (name: string, text: string): void => {
    parts.push({ head: `name="${fieldName(name)}"`, content: Buffer.from(text) });
  };
  walkFields(
    fields,
    { what: 'multipart', option: 'formStyle', style },
    {
      field: add,
      joined: (name, texts) => add(name, texts.join(',')),
      other: (name, value) => {
        if (!(value instanceof FilePart)) return false;
        const head = `name="${fieldName(name)}"; filename="${escaped(value.name, name)}"\r\nContent-Type: ${value.type}`;
        parts.push({ head, content: contentOf(name, value) });
        return true;
      },
    },
  );
  return parts;
};

/** The body in order: chunks in memory, and the streams between them. */
const piecesOf = (parts: readonly Part[], boundary: string): readonly (Uint8Array | BodySource)[] => [
  ...parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]),
  Buffer.from(`--${boundary}--\r\n`),
];

async function* chunksOf(pieces: readonly (Uint8Array | BodySource)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces)
    if (piece instanceof BodySource) yield* piece;
    else yield piece;
}

/**
 * Encodes fields and files, with nested names in the notation of the style. A value is sent as written: its line ends
 * are not changed.
 *
 * @throws as `walkFields`
 */
export const multipartBody = (fields: object, style: FieldStyle): MultipartBody => {
  // Random, so that no content contains it.
  const boundary = `tributary-${randomUUID()}`;
  const pieces = piecesOf(partsOf(fields, style), boundary);
  const type = `multipart/form-data; boundary=${boundary}`;
  const inMemory = pieces.filter((piece) => piece instanceof Uint8Array);
  const sources = pieces.filter((piece) => piece instanceof BodySource);
  if (sources.length === 0) return { type, content: Buffer.concat(inMemory), sources };
  return { type, content: chunksOf(pieces), sources };
};
