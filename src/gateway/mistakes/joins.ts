import { type Entity, entitiesIn, type Part } from './entity.ts';
import { listed, type Mistake } from './mistake.ts';
import { elsewhere, inIndex, inSdl, mayBeGiven, type Reading } from './reading.ts';
import { namedType } from './type-view.ts';

/** True if fields of the module return rows of the entity, which other modules then complete. */
const brings = ({ reading, view, key }: Part, name: string): boolean => {
  if (key === null) return true;
  const abstracts = [...reading.types].filter(([, { kind, related }]) => kind === 'union' && related.has(name));
  const handedOutAs = new Set([name, ...view.related, ...abstracts.map(([union]) => union)]);
  return [...reading.types.values()].some(({ fields }) =>
    [...fields.values()].some(({ type }) => handedOutAs.has(namedType(type))),
  );
};

/** Modules that can be joined to rows of `origin`, directly or through the fields of other joined modules. */
const reachedFrom = (origin: Part, parts: readonly Part[]): ReadonlySet<Part> => {
  const known = new Set(origin.view.fields.keys());
  const reached = new Set([origin]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const part of parts) {
      if (reached.has(part) || part.key?.every((field) => known.has(field)) !== true) continue;
      reached.add(part);
      for (const field of part.view.fields.keys()) known.add(field);
    }
  }
  return reached;
};

/** Finds modules whose key no other module has: they cannot be joined. */
const lonely = ({ name, parts }: Entity, origins: readonly Part[], readings: readonly Reading[]) =>
  parts.flatMap((part) => {
    if (!origins.some((origin) => origin !== part)) return [];
    const missing = (part.key ?? []).filter(
      (field) => !parts.some((other) => other !== part && other.view.fields.has(field)),
    );
    return missing.length > 0 && !mayBeGiven(readings, name, missing) ? [{ part, missing }] : [];
  });

/** Reports modules that cannot be joined to rows of `origin` although some module has their key; grouped by key. */
const cutOff = (origin: Part, { name, parts }: Entity, readings: readonly Reading[]): readonly Mistake[] => {
  const reached = reachedFrom(origin, parts);
  const modules = new Map<string, string[]>();
  for (const { reading, view, key } of parts.filter((part) => !reached.has(part))) {
    if (key === null || mayBeGiven(readings, name, key)) continue;
    const already = modules.get(listed(key)) ?? [];
    modules.set(listed(key), [...already, elsewhere(reading, view.node)]);
  }
  return [...modules].map(([key, there]) => {
    const wrong = `${name} of ${origin.reading.module.name} lacks ${key}, the key in ${listed(there)}`;
    return inSdl(origin.reading, origin.view.node, wrong, `add ${key} to ${name} here`);
  });
};

const ofEntity = (entity: Entity, readings: readonly Reading[]): readonly Mistake[] => {
  const origins = entity.parts.filter((part) => brings(part, entity.name));
  const alone = lonely(entity, origins, readings);
  const missingKeys = alone.map(({ part, missing }) => {
    const wrong = `merge joins ${entity.name} by ${listed(part.key ?? [])}, but no other module has ${listed(missing)}`;
    return inIndex(part.reading, wrong, 'use a key that another module has, or add the fields there');
  });
  const reported = new Set(alone.map(({ part }) => part));
  const others = { ...entity, parts: entity.parts.filter((part) => !reported.has(part)) };
  return [...missingKeys, ...origins.flatMap((origin) => cutOff(origin, others, readings))];
};

/** Reports entities that one module returns and another module cannot complete. */
export const impossibleJoins = (readings: readonly Reading[]): readonly Mistake[] =>
  entitiesIn(readings).flatMap((entity) => ofEntity(entity, readings));
