import type { MessageType, ScalarName } from '../../../../protobuf/type-model.ts';
import { isIdName } from '../read/message-scalars.ts';

const MOMENT = '2024-01-02T03:04:05Z';
const SECONDS = '1704164645';

/** A value of a scalar in a response: 64-bit integers are text. */
export const rawValue = (type: ScalarName, name: string): unknown => {
  switch (type) {
    case 'bool':
      return true;
    case 'bytes':
      return 'AAE=';
    case 'double':
    case 'float':
      return 1.5;
    case 'string':
      return isIdName(name) ? 'id-1' : name;
    case 'int32':
    case 'sint32':
    case 'sfixed32':
    case 'uint32':
    case 'fixed32':
      return 1;
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return '1';
    default:
      return type satisfies never;
  }
};

/** The same value for a client. */
export const graphValue = (type: ScalarName, name: string): unknown => {
  const raw = rawValue(type, name);
  return raw === '1' && type !== 'string' && !isIdName(name) ? 1 : raw;
};

/** A list of any values. */
export const LIST_VALUE = ['value'];

interface WellKnownSample {
  readonly raw: unknown;
  /** In the form of @grpc/proto-loader. */
  readonly wire: unknown;
  readonly expected: unknown;
}

/** A value of a well-known message. */
export const wireValue = ({ wellKnown, fields }: MessageType, name: string): WellKnownSample => {
  const text = { stringValue: 'value' };
  switch (wellKnown) {
    case 'timestamp':
      return { raw: MOMENT, wire: { seconds: SECONDS, nanos: 0 }, expected: '2024-01-02T03:04:05.000Z' };
    case 'duration':
      return { raw: '1.500s', wire: { seconds: '1', nanos: 500_000_000 }, expected: '1.500s' };
    case 'mask':
      return { raw: 'name', wire: { paths: ['name'] }, expected: 'name' };
    case 'wrapper': {
      const type = fields[0]?.type;
      const scalar = typeof type === 'string' ? type : 'string';
      return {
        raw: rawValue(scalar, name),
        wire: { value: rawValue(scalar, name) },
        expected: graphValue(scalar, name),
      };
    }
    case 'struct':
      return { raw: { any: 'value' }, wire: { fields: { any: text } }, expected: { any: 'value' } };
    case 'list':
      return { raw: LIST_VALUE, wire: { values: [text] }, expected: LIST_VALUE };
    case 'value':
      return { raw: 'value', wire: text, expected: 'value' };
    case 'any': {
      // Of a type that no file declares: the bytes are passed on.
      const raw = { '@type': 'type.googleapis.com/example.Unknown', value: 'AAE=' };
      return { raw, wire: { type_url: raw['@type'], value: raw.value }, expected: raw };
    }
    case null:
      return { raw: {}, wire: {}, expected: {} };
    default:
      return wellKnown satisfies never;
  }
};
