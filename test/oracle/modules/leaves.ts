import { scalar } from 'tributary/backend';
import type { World } from './world.ts';

/** A module's internal values of the shared scalar: every other one has objects, the rest have numbers. */
export const stampOf = (module: string, n: number): unknown => (module.charCodeAt(0) % 2 === 0 ? n : { stamp: n });

const numberOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'stamp' in value ? value.stamp : value;

/** A stamp that serialises to nothing, which is an error. */
const NO_STAMP = 13;

const STAMP = /^s(\d+)$/;

export const stampScalar = (module: string) =>
  scalar<unknown>({
    parse: (value) => {
      const digits = typeof value === 'string' ? STAMP.exec(value)?.[1] : undefined;
      if (digits === undefined) throw new Error('A stamp is s and digits.');
      return stampOf(module, Number(digits));
    },
    serialize: (value) => {
      const own = typeof value === (module.charCodeAt(0) % 2 === 0 ? 'number' : 'object');
      const n = numberOf(value);
      if (!own || typeof n !== 'number') throw new Error('This is no stamp.');
      return n === NO_STAMP ? null : `s${n}`;
    },
  });

export const STATUSES = ['PAID', 'OPEN', 'LOST'] as const;
const COLORS = ['RED', 'GREEN'] as const;

type Internal = Readonly<Record<string, string | number | boolean>>;

/** Internal values of enums in a third of the modules; the others use the names. */
const ENUMS: readonly Readonly<Record<string, Internal>>[] = [
  { Status: { PAID: 0, OPEN: 1, LOST: 2 }, Color: { RED: false, GREEN: true } },
  // A value that is another value's name outside.
  { Status: { PAID: 'OPEN', OPEN: 'LOST', LOST: 'PAID' } },
  {},
];

export const enumsOf = (module: string): Readonly<Record<string, Internal>> =>
  ENUMS[module.charCodeAt(0) % ENUMS.length] ?? {};

/** Internal value of an enum value in this module. */
export const internalOf = (module: string, type: string, name: string): unknown =>
  enumsOf(module)[type]?.[name] ?? name;

type Leaf = (module: string, drawn: number) => unknown;

/** A value that a resolver may return for a leaf, including looser forms that graphql-js accepts. */
const LEAVES: Readonly<Record<string, Leaf>> = {
  ID: (_, drawn) => (drawn % 3 === 0 ? drawn % 50 : `i${drawn % 50}`),
  String: (_, drawn) => [`t${drawn % 50}`, '', drawn % 50, `ü"\\\n${drawn % 9}`, true][drawn % 11] ?? `t${drawn % 50}`,
  Int: (_, drawn) => (drawn % 5 === 0 ? String(drawn % 100) : (drawn % 100) - 50),
  Float: (_, drawn) => [drawn % 7, (drawn % 100) / 8, String((drawn % 10) / 4)][drawn % 3],
  Boolean: (_, drawn) => [true, false, 1, 0][drawn % 4],
  DateTime: (_, drawn) => new Date(Date.UTC(2024, drawn % 12, 1 + (drawn % 28))),
  JSON: (_, drawn) => [{ a: [drawn % 5, null, 'x'] }, drawn % 5, 'text', [true]][drawn % 4],
  Status: (module, drawn) => internalOf(module, 'Status', STATUSES[drawn % 3] ?? 'PAID'),
  Color: (module, drawn) => internalOf(module, 'Color', COLORS[drawn % 2] ?? 'RED'),
  Stamp: (module, drawn) => stampOf(module, drawn % 40),
};

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  ID: [{ a: 1 }, 1.5, true],
  String: [{ a: 1 }, ['x'], Symbol('x')],
  Int: ['many', 1.5, Number.NaN, 2 ** 40, {}],
  Float: ['many', Number.POSITIVE_INFINITY, {}],
  Boolean: ['yes', {}, Number.NaN],
  DateTime: ['someday', {}],
  Status: ['NOPE', 17, 'PAID', {}],
  Color: ['NOPE', null, []],
  Stamp: ['bad', true],
};

export const isLeaf = (type: string): boolean => Object.hasOwn(LEAVES, type);

export const leafAt = (world: World, module: string, type: string, place: string): unknown => {
  const drawn = world.draw(`leaf ${place}`);
  // The stamp that serialises to nothing would be an error of the service.
  const isNoStamp = type === 'Stamp' && drawn % 40 === NO_STAMP && world.services.has(module);
  return LEAVES[type]?.(module, isNoStamp ? drawn + 1 : drawn);
};

export const wrongLeafAt = (world: World, type: string, place: string): unknown => {
  const wrong = WRONG[type] ?? [null];
  return wrong[world.draw(`wrong ${place}`) % wrong.length];
};
