import type { MessageType, ScalarName } from '../../../../protobuf/type-model.ts';
import type { ImportedType, ScalarType } from '../../imported-graph.ts';

/** True for the name of an id, or of a list of ids. */
export const isIdName = (name: string): boolean => /^ids?$/i.test(name) || /[a-z0-9]I[dD]s?$/.test(name);

const scalar = (name: ScalarType['name'], raw: ScalarType['raw'] = 'text'): ScalarType => ({
  kind: 'scalar',
  name,
  raw,
});

/** The scalar of a protobuf scalar in a field with this JSON name. */
export const protoScalar = (type: ScalarName, field: string): ScalarType => {
  switch (type) {
    case 'bool':
      return scalar('Boolean', 'boolean');
    case 'bytes':
      return scalar('Base64');
    case 'double':
    case 'float':
      return scalar('Float', 'number');
    case 'int32':
    case 'sint32':
    case 'sfixed32':
      return scalar('Int', 'number');
    // Values above GraphQL's Int.
    case 'uint32':
    case 'fixed32':
      return scalar('BigInt', 'number');
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return scalar(isIdName(field) ? 'ID' : 'BigInt');
    case 'string':
      return scalar(isIdName(field) ? 'ID' : 'String');
    default:
      return type satisfies never;
  }
};

/** Messages of any form, as their types are declared. */
const json = (reason: string): ScalarType => ({ kind: 'scalar', name: 'JSON', raw: 'any', reason, isByContract: true });

/** The type of a well-known message; null for other messages. */
export const wellKnownType = ({ wellKnown, name, fields }: MessageType, field: string): ImportedType | null => {
  switch (wellKnown) {
    case null:
      return null;
    case 'timestamp':
      return scalar('DateTime');
    case 'duration':
    case 'mask':
      return scalar('String');
    case 'wrapper': {
      const type = fields[0]?.type;
      return typeof type === 'string' ? protoScalar(type, field) : json(`${name} has no value`);
    }
    case 'any':
      return json(`${name} is a message of any type`);
    case 'struct':
      return json(`${name} is an object with any keys and values`);
    case 'list':
      return { kind: 'list', item: json('the values of google.protobuf.ListValue may be any'), isItemNullable: true };
    case 'value':
      return json(`${name} is any value`);
    default:
      return wellKnown satisfies never;
  }
};
