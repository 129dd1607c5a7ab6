import type { Definition, ImportedType } from '../../imported-graph.ts';
import { isJsonRecord, type Json, jsonIn, textIn } from '../../json.ts';
import { fieldName, type NamePool } from '../../names/names.ts';
import type { ImportedArgument } from '../imported-module.ts';
import type { TypeReader } from '../types/type-reading.ts';
import type { ApiOperation } from './operations.ts';

/** A reason for which an operation cannot be imported. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported';
}

const isScalar = (type: ImportedType): boolean =>
  (type.kind === 'scalar' && type.name !== 'JSON') || type.kind === 'enum';

const isSendable = (type: ImportedType): boolean => isScalar(type) || (type.kind === 'list' && isScalar(type.item));

/** A default value in SDL; null if it has none, or one of another type. */
const defaultOf = (value: unknown, type: ImportedType, definitions: readonly Definition[]): string | null => {
  if (type.kind === 'enum') {
    const definition = definitions.find(({ name }) => name === type.name);
    return (definition?.kind === 'enum' && definition.values.find((one) => one.value === value)?.name) || null;
  }
  if (type.kind !== 'scalar') return null;
  if (type.name === 'Boolean') return typeof value === 'boolean' ? String(value) : null;
  if (type.name === 'Int') return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? String(value) : null;
  if (type.name === 'Float') return Number.isFinite(value) ? String(value) : null;
  return (type.name === 'String' || type.name === 'ID') && typeof value === 'string' ? JSON.stringify(value) : null;
};

/** Schema of a parameter; that of its media type if it has one. */
const schemaOf = (parameter: Json): unknown =>
  parameter.schema ?? jsonIn(Object.values(jsonIn(parameter.content))[0]).schema ?? {};

const styleOf = (parameter: Json, type: ImportedType): 'comma' | 'deep' | null => {
  if (parameter.style === 'deepObject') return 'deep';
  return type.kind === 'list' && parameter.explode === false ? 'comma' : null;
};

/** True for headers that the gateway sets itself, or that belong to the authentication of a backend. */
const isOwnHeader = (name: string): boolean =>
  /^(accept|content-type|authorization|idempotency-key|host|user-agent|x-api-key)$/i.test(name);

const problemOf = (parameter: Json, type: ImportedType): string | null => {
  if (parameter.in === 'cookie') return 'cookies are not sent';
  if (parameter.in === 'header' && isOwnHeader(String(parameter.name)))
    return 'the gateway sets this header, or the module with the option `headers`';
  if (isJsonRecord(parameter.content)) return 'its value is JSON text';
  if (parameter.style === 'deepObject' && type.kind === 'object') return null;
  if (parameter.in === 'query' ? isSendable(type) : isScalar(type)) return null;
  return 'it is an object';
};

/** @throws Unsupported for a path that is no template of the module API, or that has an undeclared parameter */
const checkPath = ({ path, parameters }: ApiOperation): void => {
  const declared = new Set(parameters.flatMap(({ in: place, name }) => (place === 'path' ? String(name) : [])));
  const names = [...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(path) || /[{}]/.test(path.replaceAll(/\{[^{}]*\}/g, '')))
    throw new Unsupported('its path has characters that a path template does not allow');
  const missing = names.find((name) => !declared.has(name));
  if (missing !== undefined) throw new Unsupported(`its path has {${missing}}, which no parameter declares`);
};

/** Reads the parameters of an operation. `notes` receives those that are left out. */
export const argumentsOf = (
  reader: TypeReader,
  operation: ApiOperation,
  hint: string,
  pool: NamePool,
  notes: string[],
): ImportedArgument[] => {
  checkPath(operation);
  return operation.parameters.flatMap((parameter): ImportedArgument[] => {
    const name = textIn(parameter.name);
    const place = parameter.in;
    if (name === null || (place === 'path' && !operation.path.includes(`{${name}}`))) return [];
    const { type, schema } = reader.read(schemaOf(parameter), {
      side: 'input',
      hint: `${hint} ${name}`,
      property: name,
    });
    const problem = problemOf(parameter, type);
    const isRequired = parameter.required === true || place === 'path';
    if (problem !== null) {
      const isOwn = place === 'header' && isOwnHeader(name);
      if (isRequired && !isOwn) throw new Unsupported(`the parameter ${name} is required, and ${problem}`);
      if (!isOwn) notes.push(`The parameter ${name} is left out: ${problem}.`);
      return [];
    }
    // Path and header values are text, and an id of any type is an ID for clients.
    const isId =
      type.kind === 'scalar' &&
      (type.name === 'BigInt' || type.name === 'Int') &&
      place === 'path' &&
      /id$/i.test(name);
    const sent: ImportedType = isId ? { kind: 'scalar', name: 'ID', raw: 'text' } : type;
    const defaultValue = place === 'path' ? null : defaultOf(schema.defaultValue, sent, reader.definitions);
    return [
      {
        name: pool.take(fieldName(name)),
        parameter: name,
        place: place === 'path' || place === 'header' ? place : 'query',
        type: sent,
        isRequired: isRequired && defaultValue === null,
        defaultValue,
        description: textIn(parameter.description) ?? schema.description,
        style: styleOf(parameter, type),
      },
    ];
  });
};
