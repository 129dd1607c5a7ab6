import { type GraphQLScalarType, isSpecifiedScalarType } from 'graphql';
import { USUAL_SCALARS } from '../../../backend/define/scalars/built-in-scalars.ts';

/** The scalar of the module for one of the service. */
export interface MappedScalar {
  readonly name: string;
  /** Comment of the fields that have it; null for none. */
  readonly reason: string | null;
}

const LARGE = /^(Long|BigInt|Int64|UInt64|UnsignedLong|BigInteger|bigint)$/;
const ANY = /(JSON|Json|json|jsonb|Any|Map|Object|Value|Metadata|Payload)$/;

/** Maps a scalar of a service: the gateway's own ones by name, others to BigInt, JSON or text by their names. */
export const mappedScalar = (type: GraphQLScalarType): MappedScalar => {
  const { name } = type;
  if (isSpecifiedScalarType(type) || Object.hasOwn(USUAL_SCALARS, name)) {
    return { name, reason: name === 'JSON' ? 'the service declares any value' : null };
  }
  if (LARGE.test(name)) return { name: 'BigInt', reason: null };
  if (ANY.test(name)) return { name: 'JSON', reason: `the scalar ${name} of the service may be any value` };
  return { name: 'String', reason: `the scalar ${name} of the service; use JSON if its values are no text` };
};
