import { jsonIn } from '../../json.ts';
import { flatten } from '../types/flat-schema.ts';
import type { TypeReader } from '../types/type-reading.ts';
import { jsonSchemaOf } from './media-types.ts';
import type { ApiOperation } from './operations.ts';

const namesIn = (reader: TypeReader, schema: unknown): ReadonlySet<string> =>
  new Set(flatten(reader.contract, schema).properties.keys());

/** The preset of `errorFormats` for one error response; null for another format. */
const formatOf = (reader: TypeReader, response: unknown): string | null => {
  const content = jsonIn(reader.contract.follow(response).value.content);
  if (Object.keys(content).some((media) => media.startsWith('application/problem+json'))) return 'problemDetails';
  if (Object.keys(content).some((media) => media.startsWith('application/vnd.api+json'))) return 'jsonApi';
  const schema = jsonSchemaOf(content)?.schema;
  if (schema === undefined) return null;
  const flat = flatten(reader.contract, schema);
  const error = namesIn(reader, flat.properties.get('error') ?? {});
  if (error.has('status') && error.has('message') && error.has('details')) return 'google';
  if (error.has('type') && error.has('message') && error.has('param')) return 'stripe';
  if (error.has('code') && error.has('message') && error.has('target')) return 'oData';
  return flat.properties.has('errors') && flat.properties.has('message') ? 'fieldErrors' : null;
};

/** The preset that fits the most error responses of these operations; null if none fits. */
export const errorFormatOf = (reader: TypeReader, operations: readonly ApiOperation[]): string | null => {
  const counts = new Map<string, number>();
  for (const { responses } of operations)
    for (const [status, response] of Object.entries(responses)) {
      const format = /^(4|default)/.test(status) ? formatOf(reader, response) : null;
      if (format !== null) counts.set(format, (counts.get(format) ?? 0) + 1);
    }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? null;
};
