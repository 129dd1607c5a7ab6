import { type DescMessage, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { DurationSchema, FieldMaskSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { InvalidValueError } from './invalid-value.ts';
import type { Row } from './message-plan.ts';

/* Values of well-known types: https://protobuf.dev/programming-guides/json/ */

const parsed = (schema: DescMessage, value: JsonValue, expected: string): Row => {
  try {
    return { ...fromJson(schema, value) };
  } catch {
    throw new InvalidValueError(expected);
  }
};

const TIME = 'expected a Date, or RFC 3339 text such as 2024-01-02T08:00:00Z';

/** V8 takes 30 February as 1 March. */
const isDay = (text: string): boolean => {
  const date = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 10));
};

/** Parses a Timestamp. @throws InvalidValueError */
export const timestampMessage = (value: unknown): Row => {
  const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
  if (typeof text !== 'string' || !isDay(text)) throw new InvalidValueError(TIME);
  return parsed(TimestampSchema, text, TIME);
};

/** Parses a Duration. @throws InvalidValueError */
export const durationMessage = (value: unknown): Row => {
  const expected = 'expected seconds as text, such as 1.5s';
  if (typeof value !== 'string') throw new InvalidValueError(expected);
  return parsed(DurationSchema, value, expected);
};

/** Parses a FieldMask: text in lowerCamel with commas, or `{ paths }` as in the .proto. @throws InvalidValueError */
export const maskMessage = (value: unknown): Row => {
  const expected = "expected { paths: ['full_name'] }, or text such as fullName,birthTime";
  if (typeof value === 'string') return parsed(FieldMaskSchema, value, expected);
  if (typeof value === 'object' && value !== null && 'paths' in value) return { paths: value.paths };
  throw new InvalidValueError(expected);
};

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Returns the message of a JSON value: `google.protobuf.Value`. @throws InvalidValueError */
export const valueMessage = (value: unknown): Row => {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      if (Number.isFinite(value)) return { numberValue: value };
      break;
    case 'object':
      if (value === null) return { nullValue: 0 };
      if (Array.isArray(value)) return { listValue: value };
      if (isPlain(value)) return { structValue: value };
      break;
    default:
      break;
  }
  throw new InvalidValueError('expected a JSON value');
};
