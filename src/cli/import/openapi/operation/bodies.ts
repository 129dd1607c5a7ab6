import type { ImportedType } from '../../imported-graph.ts';
import { type Json, jsonIn, textIn } from '../../json.ts';
import type { ImportedBody } from '../imported-module.ts';
import type { FlatSchema } from '../types/flat-schema.ts';
import { flatten } from '../types/flat-schema.ts';
import type { SchemaPlace, TypeReader } from '../types/type-reading.ts';
import { Unsupported } from './arguments.ts';
import { isBinaryMedia, isTextMedia, jsonSchemaOf } from './media-types.ts';
import type { ApiOperation } from './operations.ts';

type ReadBody = Pick<ImportedBody, 'option' | 'type' | 'contentType' | 'style'>;

/** A media type as the header `content-type`; null for the default of the option, and for a range such as `image/*`. */
const contentTypeOf = (media: string, byDefault: RegExp): string | null =>
  byDefault.test(media) || media.includes('*') ? null : media;

/** Notation of the lists in a form. OpenAPI repeats the name; objects are in brackets. */
const listStyle = (schema: FlatSchema, reader: TypeReader, encoding: Json): 'repeat' | null => {
  const properties = [...schema.properties].map(([name, of]) => [name, flatten(reader.contract, of)] as const);
  const isNested = properties.some(([name, { types, properties: inner }]) => {
    const isDeep = jsonIn(encoding[name]).style === 'deepObject';
    return isDeep || types.has('object') || inner.size > 0;
  });
  return !isNested && properties.some(([, { types }]) => types.has('array')) ? 'repeat' : null;
};

/** Properties of a multipart body with the content of a file, or with a list of them. */
const filesIn = (reader: TypeReader, schema: FlatSchema, encoding: Json): ReadonlySet<string> => {
  const isFile = (of: FlatSchema): boolean =>
    of.isFile || (of.items !== undefined && isFile(flatten(reader.contract, of.items)));
  const isEncoded = (name: string): boolean => {
    const type = textIn(jsonIn(encoding[name]).contentType);
    return type !== null && !/json|^text\/plain/i.test(type);
  };
  return new Set(
    [...schema.properties].flatMap(([name, of]) => {
      const flat = flatten(reader.contract, of);
      return isFile(flat) || (isEncoded(name) && !flat.types.has('object')) ? name : [];
    }),
  );
};

const multipartOf = (reader: TypeReader, media: Json, place: SchemaPlace): ReadBody | null => {
  const schema = flatten(reader.contract, media.schema ?? {});
  const encoding = jsonIn(media.encoding);
  const files = filesIn(reader, schema, encoding);
  const type = reader.typeOf(schema, files.size === 0 ? place : { ...place, property: '', files });
  return type.kind === 'object'
    ? { option: 'multipart', type, contentType: null, style: listStyle(schema, reader, encoding) }
    : null;
};

const text: ImportedType = { kind: 'scalar', name: 'String', raw: 'text' };
const bytes: ImportedType = { kind: 'scalar', name: 'Base64', raw: 'text' };

/** A body of text or bytes: the first media type that is one of them. */
const wholeOf = (content: Json): ReadBody | null => {
  const names = Object.keys(content);
  const ofText = names.find(isTextMedia);
  if (ofText !== undefined)
    return { option: 'text', type: text, contentType: contentTypeOf(ofText, /^text\/plain/i), style: null };
  const ofBytes = names.find(isBinaryMedia);
  if (ofBytes === undefined) return null;
  return {
    option: 'bytes',
    type: bytes,
    contentType: contentTypeOf(ofBytes, /^application\/octet-stream/i),
    style: null,
  };
};

const readBody = (reader: TypeReader, content: Json, place: SchemaPlace, isRequired: boolean): ReadBody | null => {
  const json = jsonSchemaOf(content);
  if (json !== undefined) {
    const { type } = reader.read(json.schema ?? {}, place);
    return { option: 'body', type, contentType: contentTypeOf(json.media, /^application\/json\b/i), style: null };
  }
  const form = Object.entries(content).find(([media]) => media.startsWith('application/x-www-form-urlencoded'));
  if (form !== undefined) {
    const media = jsonIn(form[1]);
    const { type, schema } = reader.read(media.schema ?? {}, place);
    if (type.kind === 'object')
      return { option: 'form', type, contentType: null, style: listStyle(schema, reader, jsonIn(media.encoding)) };
    if (type.kind === 'scalar' && type.name === 'JSON' && !isRequired) return null;
    throw new Unsupported('its form has no declared fields');
  }
  const multipart = content['multipart/form-data'];
  const found = (multipart === undefined ? null : multipartOf(reader, jsonIn(multipart), place)) ?? wholeOf(content);
  if (found !== null) return found;
  const [media] = Object.keys(content);
  if (media === undefined) return null;
  throw new Unsupported(`its body is ${media}`);
};

/** Reads the request body of an operation. */
export const bodyOf = (reader: TypeReader, { body, method }: ApiOperation, hint: string): ImportedBody | null => {
  if (body === null || method === 'get') return null;
  const isRequired = body.required === true;
  const place = { side: 'input', hint: `${hint} Input`, property: 'input' } as const;
  const found = readBody(reader, jsonIn(body.content), place, isRequired);
  return found && { ...found, isRequired };
};
