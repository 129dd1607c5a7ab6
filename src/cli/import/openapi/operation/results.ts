import { type Json, jsonIn } from '../../json.ts';
import type { ImportedResult } from '../imported-module.ts';
import { anyType } from '../types/scalar-types.ts';
import type { TypeReader } from '../types/type-reading.ts';
import { Unsupported } from './arguments.ts';
import { isBinaryMedia, isTextMedia, jsonSchemaOf } from './media-types.ts';
import type { ApiOperation } from './operations.ts';

/** The response of success with the lowest status; `default` if the contract has no other. */
export const successOf = (reader: TypeReader, { responses }: ApiOperation): Json => {
  const statuses = Object.keys(responses)
    .filter((status) => /^2/.test(status))
    .toSorted();
  const withContent = statuses.find(
    (status) => Object.keys(jsonIn(reader.contract.follow(responses[status]).value.content)).length > 0,
  );
  const status =
    withContent ??
    statuses[0] ??
    ('default' in responses && !Object.keys(responses).some((one) => /^[23]/.test(one)) ? 'default' : '');
  return reader.contract.follow(responses[status]).value;
};

/** Reads the response of an operation. */
export const resultOf = (reader: TypeReader, operation: ApiOperation, hint: string): ImportedResult => {
  const content = jsonIn(successOf(reader, operation).content);
  const [media] = Object.keys(content);
  if (media === undefined) {
    if (operation.method === 'get') throw new Unsupported('its response has no declared body');
    return { type: null, as: 'none' };
  }
  const json = jsonSchemaOf(content);
  if (json?.schema !== undefined) {
    const { type } = reader.read(json.schema, { side: 'output', hint: `${hint} Result`, property: '' });
    return { type, as: 'json' };
  }
  if (json !== undefined) return { type: anyType('the contract declares no type'), as: 'json' };
  const names = Object.keys(content);
  if (names.some(isTextMedia)) return { type: { kind: 'scalar', name: 'String', raw: 'text' }, as: 'text' };
  if (names.some(isBinaryMedia)) return { type: { kind: 'scalar', name: 'Base64', raw: 'text' }, as: 'bytes' };
  throw new Unsupported(`its response is ${media}`);
};
