import { isJsonRecord, type Json, listIn } from '../json.ts';
import { fieldName, singularOf, typeName } from '../names/names.ts';
import type { CurlBody, CurlField, CurlRequest } from './curl-request.ts';
import type { CurlAnswer } from './send-request.ts';
import { urlArguments } from './url-arguments.ts';
import { type ValueSchemas, valueOfText, valueSchemas } from './value-schema.ts';

/** Names of properties that hold the value of an answer. */
const ENVELOPE =
  /^(data|result|results|items|item|value|values|response|payload|objects?|records?|rows|entries|list|content|elements|resources|hits)$/i;

const VERBS = { get: 'get', post: 'create', put: 'replace', patch: 'update', delete: 'delete' } as const;

const jsonOf = (bytes: Buffer): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return null;
  }
};

const isText = (bytes: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !bytes.includes(0);
  } catch {
    return false;
  }
};

/** Media type of an answer: as declared, or by its bytes for a recorded one. */
const mediaOf = ({ type, bytes }: CurlAnswer): string => {
  const [media = ''] = type.toLowerCase().split(';');
  if (media.trim() !== '') return media.trim();
  if (jsonOf(bytes) !== null) return 'application/json';
  return isText(bytes) ? 'text/plain' : 'application/octet-stream';
};

/** The row of an answer: the value itself, or that in its envelope. */
const rowOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return undefined;
  const [name, inner] = Object.entries(isJsonRecord(value) ? value : {}).find(([key]) => ENVELOPE.test(key)) ?? [];
  return name !== undefined && isJsonRecord(inner) ? inner : value;
};

/** Schema of an answer. Rows in a list or an envelope have the name of the row. */
const answerSchema = (schemas: ValueSchemas, value: unknown, row: string): Json => {
  if (!isJsonRecord(value)) return schemas.of([value], row);
  const entries = Object.entries(value);
  const isRows = (of: unknown) => listIn(of).some(isJsonRecord);
  const noun = singularOf(fieldName(row));
  const found =
    entries.find(([name, of]) => isRows(of) && (ENVELOPE.test(name) || singularOf(fieldName(name)) === noun)) ??
    entries.find(([name, of]) => isJsonRecord(of) && ENVELOPE.test(name)) ??
    (entries.filter(([, of]) => isRows(of)).length === 1 && !('id' in value)
      ? entries.find(([, of]) => isRows(of))
      : undefined);
  if (found === undefined) return schemas.of([value], row);
  const [name, inner] = found;
  const properties = Object.fromEntries(
    entries.map(([key, of]) => [
      key,
      key === name ? schemas.of([inner], row) : schemas.of([of], `${row} result ${key}`, key),
    ]),
  );
  return { type: 'object', properties };
};

const setAt = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [name = '', ...rest] = path;
  const current = target[name];
  if (rest.length === 0)
    target[name] = name in target ? [...(Array.isArray(current) ? current : [current]), value] : value;
  else if (rest[0] === '' || /^\d+$/.test(rest[0] ?? '')) {
    const list: unknown[] = Array.isArray(current) ? current : [];
    if (rest.length === 1) list.push(value);
    else {
      const item: Record<string, unknown> = {};
      setAt(item, rest.slice(1), value);
      list.push(item);
    }
    target[name] = list;
  } else {
    const inner: Record<string, unknown> = isJsonRecord(current) ? { ...current } : {};
    setAt(inner, rest, value);
    target[name] = inner;
  }
};

/** The object of a form: `a[b]=1` is `{ a: { b: 1 } }`, a repeated name a list. */
const formValue = (bytes: Buffer): Json => {
  const value: Record<string, unknown> = {};
  for (const [name, text] of new URLSearchParams(bytes.toString('utf8'))) {
    const [, first = name, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
    setAt(value, [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, inner = '']) => inner)], valueOfText(text));
  }
  return value;
};

const multipartSchema = (schemas: ValueSchemas, fields: readonly CurlField[], name: string): Json => {
  const properties = Map.groupBy(fields, (field) => field.name);
  return {
    type: 'object',
    properties: Object.fromEntries(
      [...properties].map(([property, list]) => {
        const schema = list.some(({ file }) => file !== null)
          ? { contentMediaType: 'application/octet-stream' }
          : schemas.of(
              list.map(({ value }) => valueOfText(value)),
              `${name} ${property}`,
              property,
            );
        return [property, list.length > 1 ? { type: 'array', items: schema } : schema];
      }),
    ),
  };
};

const bodyContent = (schemas: ValueSchemas, body: CurlBody, name: string): Json => {
  if (body.kind === 'fields') return { 'multipart/form-data': { schema: multipartSchema(schemas, body.fields, name) } };
  const { bytes } = body;
  const [media = ''] = body.type.toLowerCase().split(';');
  const json = jsonOf(bytes);
  const isForm = media === 'application/x-www-form-urlencoded';
  // Many copied commands send JSON with the type that -d has by default.
  if (json !== null && (/[/+]json$/.test(media) || (isForm && isJsonRecord(json.value))))
    return { [isForm ? 'application/json' : media]: { schema: schemas.of([json.value], name) } };
  if (isForm) return { [media]: { schema: schemas.of([formValue(bytes)], name) } };
  return { [media]: {} };
};

/** The OpenAPI document of a request and its answer: types by their shapes, and no value of them. */
export const curlDocument = (request: CurlRequest, answer: CurlAnswer): Json => {
  const { url, method, body } = request;
  const media = mediaOf(answer);
  const isEmpty = answer.bytes.length === 0;
  const json = isEmpty ? null : /json/.test(media) ? jsonOf(answer.bytes) : null;
  const { path, parameters, row } = urlArguments(url, rowOf(json?.value));
  const schemas = valueSchemas();
  const name = typeName(row) || 'Row';
  const content = isEmpty ? {} : { [media]: json === null ? {} : { schema: answerSchema(schemas, json.value, name) } };
  const operation = {
    parameters,
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: bodyContent(schemas, body, `${VERBS[method]} ${row}`) } }),
    responses: { 200: { description: 'As answered.', content } },
  };
  return {
    openapi: '3.1.0',
    info: { title: `${method.toUpperCase()} ${path}` },
    servers: [{ url: url.origin }],
    paths: { [path]: { [method]: operation } },
    components: { schemas: schemas.named },
  };
};
