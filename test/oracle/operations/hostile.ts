import type { Random } from '../random.ts';

/** JSON values that hardly any type accepts, or that are easily mistaken for others. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  -0,
  1.5,
  2 ** 31,
  1e308,
  '',
  '1',
  'Nope',
  '2024-13-45',
  '\u0000"\\',
  [],
  [null],
  [[1], null],
  {},
  { n: null },
  { id: 'i1', name: null },
  JSON.parse('{ "__proto__": { "n": 1 }, "constructor": 1 }'),
];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Replaces one place of the value, at any depth. */
export const spoiled = (random: Random, value: unknown): unknown => {
  if (Array.isArray(value) && value.length > 0 && random.chance(0.8)) {
    const at = random.between(0, value.length - 1);
    return value.map((item, one) => (one === at ? spoiled(random, item) : item));
  }
  const fields = isObject(value) ? Object.entries(value) : [];
  if (fields.length === 0 || random.chance(0.2)) return random.pick(HOSTILE);
  // Adds an unknown field, or replaces the value of an existing one.
  if (random.chance(0.2)) return { ...Object(value), toString: random.pick(HOSTILE) };
  const [name, inner] = random.pick(fields);
  return { ...Object(value), [name]: spoiled(random, inner) };
};
