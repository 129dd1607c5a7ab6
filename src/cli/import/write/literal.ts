import { quoted } from '../../codegen/layout.ts';
import { isJsonRecord } from '../json.ts';
import { propertyName } from './property-name.ts';

const WIDTH = 120;

const flat = (value: unknown): string => {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(flat).join(', ')}]`;
  if (!isJsonRecord(value)) return String(value);
  const members = Object.entries(value).map(([name, of]) => `${propertyName(name)}: ${flat(of)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
};

/** A JSON value as an expression; on several lines if it does not fit after `column` characters. */
export const literal = (value: unknown, pad = '', column = pad.length): string => {
  const line = flat(value);
  if (column + line.length < WIDTH) return line;
  const inner = `${pad}  `;
  if (Array.isArray(value)) return `[\n${value.map((item) => `${inner}${literal(item, inner)},`).join('\n')}\n${pad}]`;
  if (!isJsonRecord(value)) return line;
  const members = Object.entries(value).map(([name, of]) => {
    const head = `${inner}${propertyName(name)}: `;
    return `${head}${literal(of, inner, head.length + 1)},`;
  });
  return `{\n${members.join('\n')}\n${pad}}`;
};
