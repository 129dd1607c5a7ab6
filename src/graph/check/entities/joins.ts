import { namedType } from '../../compose/sdl.ts';
import { elsewhere, inIndex, inSdl, mayBeDefined, type ParsedModule } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import { type Contribution, type Entity, entitiesIn } from './entity.ts';

/** True if fields of the module return rows of the entity, which other modules then complete. */
const returnsRows = ({ reading, view, keys }: Contribution, name: string): boolean => {
  if (keys === null) return true;
  const abstracts = [...reading.types].filter(([, { kind, related }]) => kind === 'union' && related.has(name));
  const handedOutAs = new Set([name, ...view.related, ...abstracts.map(([union]) => union)]);
  return [...reading.types.values()].some(({ fields }) =>
    [...fields.values()].some(({ type }) => handedOutAs.has(namedType(type))),
  );
};

/** Modules that can be joined to rows of `origin`, directly or through the fields of other joined modules. */
const reachedFrom = (origin: Contribution, contributions: readonly Contribution[]): ReadonlySet<Contribution> => {
  const known = new Set(origin.view.fields.keys());
  const reached = new Set([origin]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const contribution of contributions) {
      const isJoined = contribution.keys?.some((key) => key.every((field) => known.has(field))) === true;
      if (reached.has(contribution) || !isJoined) continue;
      reached.add(contribution);
      for (const field of contribution.view.fields.keys()) known.add(field);
    }
  }
  return reached;
};

/** `id or login`; `sku and region` for a composite key. */
const anyOf = (keys: readonly (readonly string[])[]): string => keys.map(listed).join(' or ');

/** Finds modules of which no key is in other modules: they cannot be joined. */
const unjoinable = (
  { name, contributions }: Entity,
  origins: readonly Contribution[],
  readings: readonly ParsedModule[],
) =>
  contributions.flatMap((contribution) => {
    if (!origins.some((origin) => origin !== contribution)) return [];
    const isElsewhere = (field: string) =>
      contributions.some((other) => other !== contribution && other.view.fields.has(field));
    const missing = (contribution.keys ?? []).map((key) => key.filter((field) => !isElsewhere(field)));
    const isUsable = missing.length === 0 || missing.some((fields) => fields.length === 0);
    return isUsable || mayBeDefined(readings, name, missing.flat()) ? [] : [{ contribution, missing }];
  });

/** Reports modules that cannot be joined to rows of `origin` although some module has their key; grouped by key. */
const cutOff = (
  origin: Contribution,
  { name, contributions }: Entity,
  readings: readonly ParsedModule[],
): readonly ModuleProblem[] => {
  const reached = reachedFrom(origin, contributions);
  const modules = new Map<string, string[]>();
  for (const { reading, view, keys } of contributions.filter((contribution) => !reached.has(contribution))) {
    if (keys === null || mayBeDefined(readings, name, keys.flat())) continue;
    const already = modules.get(anyOf(keys)) ?? [];
    modules.set(anyOf(keys), [...already, elsewhere(reading, view.node)]);
  }
  return [...modules].map(([key, there]) => {
    const problem = `${name} of ${origin.reading.module.name} lacks ${key}, the key in ${listed(there)}`;
    return inSdl(origin.reading, origin.view.node, problem, `add ${key} to ${name} here`);
  });
};

const ofEntity = (entity: Entity, readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const origins = entity.contributions.filter((contribution) => returnsRows(contribution, entity.name));
  const withoutKey = unjoinable(entity, origins, readings);
  const missingKeys = withoutKey.map(({ contribution, missing }) => {
    const problem = `merge joins ${entity.name} by ${anyOf(contribution.keys ?? [])}, but no other module has ${anyOf(missing)}`;
    return inIndex(contribution.reading, problem, 'use a key that another module has, or add the fields there');
  });
  const reported = new Set(withoutKey.map(({ contribution }) => contribution));
  const others = {
    ...entity,
    contributions: entity.contributions.filter((contribution) => !reported.has(contribution)),
  };
  return [...missingKeys, ...origins.flatMap((origin) => cutOff(origin, others, readings))];
};

/** Reports entities that one module returns and another module cannot complete. */
export const impossibleJoins = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  entitiesIn(readings).flatMap((entity) => ofEntity(entity, readings));
