import { createHash } from 'node:crypto';
import type { GraphQLParams } from '../../graph/gateway-port.ts';
import { badRequest } from '../listener/rejection.ts';
import { parseJson } from './json-body.ts';

const nestedIn = (value: object): readonly object[] => Object.values(value).filter(isNested);

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * True if a JSON value has at most this many levels of objects and lists, itself included. Works level by level,
 * without recursion, and stops at the first level too many.
 */
export const isNestedAtMost = (levels: number, value: unknown): boolean => {
  let level: readonly object[] = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return false;
    level = level.flatMap(nestedIn);
  }
  return true;
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optional = <T>(fields: Fields, name: string, is: (value: unknown) => value is T, kind: string): T | null => {
  const value = Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
  if (value === null || is(value)) return value;
  throw badRequest(`"${name}" must be ${kind}.`);
};

const isString = (value: unknown): value is string => typeof value === 'string';

// https://www.apollographql.com/docs/apollo-server/performance/apq
const checkPersistedQuery = (persisted: Fields, query: string | null): void => {
  const { version, sha256Hash } = persisted;
  if (version !== 1) throw badRequest('"extensions.persistedQuery.version" must be 1.');
  if (!isString(sha256Hash) || sha256Hash.length > 64) {
    throw badRequest('"extensions.persistedQuery.sha256Hash" must be the SHA-256 of the query, in hex.');
  }
  if (query !== null && createHash('sha256').update(query).digest('hex') !== sha256Hash) {
    throw badRequest('"extensions.persistedQuery.sha256Hash" does not match the query.');
  }
};

// Later readers of these values, such as coercion and JSON.stringify, are recursive.
const MAX_LEVELS = 200;

const shallow = (fields: Fields, name: string): Fields | null => {
  const value = optional(fields, name, isFields, 'an object');
  if (isNestedAtMost(MAX_LEVELS, value)) return value;
  throw badRequest(`"${name}" is nested more than ${MAX_LEVELS} levels deep.`);
};

/** The id of a trusted document, in the parameter of GraphQL over HTTP, of Relay, or of older clients of Relay. */
const DOCUMENT_ID_PARAMS = ['documentId', 'doc_id', 'id'] as const;

const documentIdOf = (fields: Fields): string | null => {
  for (const name of DOCUMENT_ID_PARAMS) {
    const id = optional(fields, name, isString, 'a string');
    if (id !== null && id !== '') return id;
  }
  return null;
};

const checked = (fields: Fields, isReadOnly: boolean): GraphQLParams => {
  const query = optional(fields, 'query', isString, 'a string');
  const operationName = optional(fields, 'operationName', isString, 'a string');
  const variables = shallow(fields, 'variables');
  const extensions = shallow(fields, 'extensions');
  const persisted = extensions && optional(extensions, 'persistedQuery', isFields, 'an object');
  const documentId = query === null ? documentIdOf(fields) : null;
  if (persisted) checkPersistedQuery(persisted, query);
  else if (!query && documentId === null) throw badRequest('"query" is missing.');
  return { query, operationName, variables, extensions, isReadOnly, documentId };
};

/** Reads the parameters of an operation from the JSON body of a POST. @throws RejectedError 400 */
export const paramsOfBody = (body: unknown): GraphQLParams => {
  if (!isFields(body)) throw badRequest('The body must be a JSON object.');
  return checked(body, false);
};

const parsedObject = (name: string, text: string): unknown => {
  const value = parseJson(`"${name}"`, text);
  if (value === null) throw badRequest(`The ${name} search parameter should contain a JSON-encoded object.`);
  return value;
};

const PARAMS = ['query', 'operationName', 'variables', 'extensions', ...DOCUMENT_ID_PARAMS] as const;

/** Reads the parameters of a GET from the query of its URL. @throws RejectedError 400 */
export const paramsOfSearch = (search: string): GraphQLParams => {
  const found = new URLSearchParams(search);
  const fields: Record<string, unknown> = {};
  for (const name of PARAMS) {
    const [value, second] = found.getAll(name);
    if (second !== undefined) throw badRequest(`Duplicate parameter "${name}".`);
    if (value === undefined) continue;
    fields[name] = name === 'variables' || name === 'extensions' ? parsedObject(name, value) : value;
  }
  return checked(fields, true);
};

/** Returns the query of a URL with its `?`, or an empty text. */
export const searchOf = (url: string): string => {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
};
