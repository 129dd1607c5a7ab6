import type { Random } from '../../random.ts';
import { type FieldModel, type How, type LoaderModel, list, named, nameIn, nonNull, type TypeRef } from '../model.ts';

/** Types that fields of one module may have. */
export interface Vocabulary {
  readonly leaves: readonly string[];
  readonly composites: readonly string[];
  /** True if the module declares the shared enums, scalars and inputs. */
  readonly shares: boolean;
}

/** Properties of a field's object that decide on the possible sources of the field. */
export interface Place {
  /** Key fields that every row has. */
  readonly keys: readonly string[];
  /** True if rows may consist of their keys only. */
  readonly stubs: boolean;
  /** True for a namespace: every field has a resolver. */
  readonly isNamespace: boolean;
  /** True in a module over a service. */
  readonly isService: boolean;
  readonly isRoot: boolean;
  readonly isMutation: boolean;
}

const BUILT_IN_ARGS = [
  'n: Int = 3',
  'n: Int',
  'n: Int! = 1',
  'n: Int = 3 @requiresScopes(scopes: [["s1"]])',
  'tag: String @authenticated',
  'ratio: Float @policy(policies: [["slow"]])',
  'tag: String',
  'tag: ID = "t"',
  'on: Boolean!',
  'ratio: Float = 0.5',
  'at: DateTime',
  'json: JSON',
  'list: [Int!]',
  'grid: [[Int]] = [[1, null], []]',
];
const SHARED_ARGS = [
  'status: Status = PAID',
  'status: Status',
  'statuses: [Status!] = [OPEN, LOST]',
  'stamp: Stamp',
  'stamp: Stamp = "s4"',
  'filter: Filter',
  'filter: Filter = { n: 7, deep: { status: LOST } }',
  'need: Filter!',
  'by: By',
  'by: [By!]',
  'usual: Usual',
  'usual: Usual = { big: 5, at: "2024-01-01T00:00:00.000Z", json: { a: [1] } }',
];

export const randomArgs = (random: Random, shares: boolean): readonly string[] => {
  const drawn = random.shuffled(shares ? [...BUILT_IN_ARGS, ...SHARED_ARGS] : BUILT_IN_ARGS);
  const names = new Set<string>();
  return drawn.slice(0, random.between(1, 2)).filter((arg) => {
    const [name = ''] = arg.split(':');
    return !names.has(name) && names.add(name);
  });
};

const maybeNonNull = (random: Random, type: TypeRef): TypeRef => (random.chance(0.3) ? nonNull(type) : type);

export const randomType = (random: Random, { leaves, composites }: Vocabulary, composite: number): TypeRef => {
  const name = composites.length > 0 && random.chance(composite) ? random.pick(composites) : random.pick(leaves);
  let type = maybeNonNull(random, named(name));
  const lists = random.pick([0, 0, 0, 0, 0, 1, 1, 1, 2]);
  for (let depth = 0; depth < lists; depth += 1) type = maybeNonNull(random, list(type));
  return type;
};

export const randomDirectives = (
  random: Random,
  { isMutation, isService }: Place,
  type: TypeRef,
): readonly string[] => {
  const drawn: string[] = [];
  if (random.chance(0.03)) drawn.push('@authenticated');
  if (random.chance(0.03)) drawn.push('@requiresScopes(scopes: [["s1"], ["s2", "s3"]])');
  if (random.chance(0.03))
    drawn.push(`@policy(policies: [["${random.pick(['calm', 'slow', 'role:admin', 'wild'])}"]])`);
  // With a limit used up halfway, it would be undefined which of several concurrent fields is rejected: it is used up
  // before, or never.
  // A service may fail a non-null field before it is counted.
  const isCounted = !isMutation && !(isService && type.is === 'nonNull');
  if (isCounted && random.chance(0.04)) drawn.push(`@rateLimit(limit: ${random.pick([1, 1_000])}, duration: 60)`);
  return drawn;
};

const PLAIN = ['property', 'property', 'property', 'function', 'sync', 'async', 'async', 'info', 'loaders'] as const;
const WITHOUT_ROW = ['property', 'sync', 'async', 'async', 'info', 'loaders'] as const;

const loadedHow = (random: Random, name: string, type: TypeRef, place: Place, loaders: LoaderModel[]): How => {
  const computed = random.chance(0.3);
  const entity = loaders.find((loader) => loader.of === 'entity' && loader.entity === nameIn(type));
  if (type.is === 'named' && entity !== undefined)
    return { by: 'loaded', loader: entity.name, key: [], computed: true, map: false };
  // The value would depend on the key by which the row was found.
  if (place.stubs && place.keys.length === 0) return { by: random.pick(WITHOUT_ROW) };
  const key = place.keys.length > 0 && random.chance(0.8) ? place.keys : random.pick([['ref'], ['ref', 'no']]);
  const composite = key.length > 1;
  if (random.chance(0.5)) {
    const loader = composite ? 'tokensOfTwo' : 'tokens';
    if (!loaders.some((one) => one.name === loader)) loaders.push({ of: 'token', name: loader, composite });
    return { by: 'loaded', loader, key, computed, map: true };
  }
  const loader = `loadOf_${name}`;
  loaders.push({ of: 'value', name: loader, type, composite });
  return { by: 'loaded', loader, key, computed, map: false };
};

const randomHow = (random: Random, name: string, type: TypeRef, place: Place, loaders: LoaderModel[]): How => {
  if (place.isService) return { by: place.isRoot ? 'async' : random.pick(['property', 'property', 'function']) };
  if (place.isNamespace) return { by: random.pick(['sync', 'async', 'async', 'info', 'loaders']) };
  if (place.isRoot) return { by: random.pick(['sync', 'async', 'async', 'info', 'loaders']) };
  if (random.chance(0.25)) return loadedHow(random, name, type, place, loaders);
  return { by: random.pick(place.stubs ? WITHOUT_ROW : PLAIN) };
};

/** Draws a field, and adds the loader that it needs to `loaders`. */
export const randomField = (
  random: Random,
  name: string,
  place: Place,
  vocabulary: Vocabulary,
  loaders: LoaderModel[],
): FieldModel => {
  const type = randomType(random, vocabulary, place.isRoot ? 0.85 : 0.45);
  const how = randomHow(random, name, type, place, loaders);
  // Fields of any source may have arguments, but sources that ignore them rarely do.
  const share = how.by === 'property' || how.by === 'loaded' ? 0.05 : 0.35;
  const takes = random.chance(place.isRoot ? 0.5 : share);
  return {
    name,
    type,
    args: takes ? randomArgs(random, vocabulary.shares) : [],
    directives: randomDirectives(random, place, type),
    how,
    needs: [],
  };
};
