import type { Random } from '../../random.ts';
import { named, nonNull, type TypeRef } from '../model.ts';

/** Role of one module for an entity. */
export interface PartPlan {
  readonly keys: readonly string[];
  /** Keys by which it can be joined; null if it only refers to the entity. */
  readonly merge: readonly (readonly string[])[] | null;
  /** True if its own fields may return the entity. */
  readonly brings: boolean;
}

export interface EntityPlan {
  readonly name: string;
  /** Types of the key fields by name, equal in every module. */
  readonly types: Readonly<Record<string, TypeRef>>;
  /** Role of each module. */
  readonly parts: ReadonlyMap<string, PartPlan>;
}

/** Modules to choose from: `shares` are those with the shared enums and scalars. */
export interface Choice {
  readonly modules: readonly string[];
  /** Modules over a service. */
  readonly services: ReadonlySet<string>;
  readonly shares: ReadonlySet<string>;
}

const keyType = (random: Random, names: readonly string[]): TypeRef => {
  const type = named(random.pick(names));
  return random.chance(0.5) ? nonNull(type) : type;
};

const part = (keys: readonly string[], merge: readonly string[] | null, brings: boolean): PartPlan => ({
  keys,
  merge: merge === null ? null : [merge],
  brings,
});

/** Some modules have both keys, the others one of them. */
const several = (random: Random, { modules }: Choice): Map<string, PartPlan> => {
  const [owner, other, ...more] = random.shuffled(modules);
  const parts = new Map<string, PartPlan>();
  if (owner === undefined || other === undefined) return parts;
  const second = random.pick([['code'], ['code'], ['sku', 'region']]);
  const both = () => ({
    keys: ['id', ...second],
    merge: random.shuffled([['id'], second]),
    brings: random.chance(0.6),
  });
  parts.set(owner, both());
  for (const module of [other, ...random.some(more, 0.6)]) {
    const keys = random.chance(0.6) ? second : ['id'];
    const isMerged = random.chance(0.6);
    parts.set(
      module,
      random.chance(0.3) ? both() : part(keys, isMerged ? keys : null, !isMerged || random.chance(0.6)),
    );
  }
  return parts;
};

/** All modules use the same key; some only refer to the entity. */
const alike = (random: Random, { modules }: Choice, keys: readonly string[]): Map<string, PartPlan> => {
  const [first, second, ...more] = random.shuffled(modules);
  const parts = new Map<string, PartPlan>();
  if (first === undefined || second === undefined) return parts;
  parts.set(first, part(keys, random.chance(0.75) ? keys : null, true));
  parts.set(second, part(keys, keys, random.chance(0.4)));
  for (const module of random.some(more, 0.4))
    parts.set(module, part(keys, random.chance(0.85) ? keys : null, random.chance(0.5)));
  return parts;
};

/** One module alone has both keys, and others are joined by the second: rows need two steps. */
const staged = (random: Random, { modules }: Choice): Map<string, PartPlan> => {
  const [origin, provider, last, ...more] = random.shuffled(modules);
  const parts = new Map<string, PartPlan>();
  if (origin === undefined || provider === undefined || last === undefined) return parts;
  parts.set(origin, part(['id'], random.chance(0.6) ? ['id'] : null, true));
  parts.set(provider, part(['id', 'code'], ['id'], random.chance(0.5)));
  const both = random.chance(0.3);
  // Two modules with both keys could each provide either one, and the choice would be open.
  parts.set(last, both ? part(['id', 'code'], ['id', 'code'], false) : part(['code'], ['code'], false));
  for (const module of random.some(more, 0.4))
    parts.set(module, random.chance(0.5) ? part(['code'], ['code'], false) : part(['id'], ['id'], random.chance(0.5)));
  return parts;
};

/** @returns null if there are too few modules for the draw */
export const randomEntity = (random: Random, name: string, choice: Choice): EntityPlan | null => {
  const scheme = random.pick(['id', 'pair', 'staged', 'staged', 'several', 'several'] as const);
  const own = random.chance(0.3) ? choice.modules.filter((module) => choice.shares.has(module)) : choice.modules;
  const among = { ...choice, modules: own };
  const parts =
    scheme === 'several'
      ? several(random, among)
      : scheme === 'staged'
        ? staged(random, among)
        : alike(random, among, scheme === 'id' ? ['id'] : ['sku', 'region']);
  if (parts.size === 0) return null;
  const special = [...parts.keys()].every((module) => choice.shares.has(module));
  const drawn = {
    id: keyType(random, special ? ['ID', 'Stamp', 'Int'] : ['ID', 'ID', 'String', 'Int']),
    code: keyType(random, special ? ['String', 'Stamp'] : ['String', 'ID', 'Int']),
    sku: keyType(random, ['String', 'ID']),
    region: keyType(random, special ? ['Status', 'Stamp'] : ['Int', 'String']),
  };
  // Delegation may choose another key, and must find the same entity.
  const types =
    scheme === 'several' ? Object.fromEntries(Object.entries(drawn).map(([key, type]) => [key, nonNull(type)])) : drawn;
  return { name, types, parts };
};

/** A type without a key. Modules over a service have none: each of its fields needs a resolver. */
export const randomNamespace = (random: Random, name: string, { modules, services }: Choice): EntityPlan | null => {
  const [first, ...more] = random.shuffled(modules.filter((module) => !services.has(module)));
  if (first === undefined || more.length === 0) return null;
  const parts = new Map([[first, part([], [], true)]]);
  for (const [at, module] of more.entries())
    if (at === 0 || random.chance(0.4)) parts.set(module, part([], [], random.chance(0.5)));
  return { name, types: {}, parts };
};
