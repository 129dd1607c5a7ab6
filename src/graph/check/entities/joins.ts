import { namedType } from '../../compose/sdl.ts';
import { elsewhere, inIndex, inSdl, mayBeDefined, type ParsedModule } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import { type Contribution, type Entity, entitiesIn } from './entity.ts';

/** True if fields of the module return rows of the entity, which other modules then complete. */
const returnsRows = ({ reading, view, key }: Contribution, name: string): boolean => {
  if (key === null) return true;
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
      if (reached.has(contribution) || contribution.key?.every((field) => known.has(field)) !== true) continue;
      reached.add(contribution);
      for (const field of contribution.view.fields.keys()) known.add(field);
    }
  }
  return reached;
};

/** Finds modules with a key that no other module has: they cannot be joined. */
const unjoinable = (
  { name, contributions }: Entity,
  origins: readonly Contribution[],
  readings: readonly ParsedModule[],
) =>
  contributions.flatMap((contribution) => {
    if (!origins.some((origin) => origin !== contribution)) return [];
    const missing = (contribution.key ?? []).filter(
      (field) => !contributions.some((other) => other !== contribution && other.view.fields.has(field)),
    );
    return missing.length > 0 && !mayBeDefined(readings, name, missing) ? [{ contribution, missing }] : [];
  });

/** Reports modules that cannot be joined to rows of `origin` although some module has their key; grouped by key. */
const cutOff = (
  origin: Contribution,
  { name, contributions }: Entity,
  readings: readonly ParsedModule[],
): readonly ModuleProblem[] => {
  const reached = reachedFrom(origin, contributions);
  const modules = new Map<string, string[]>();
  for (const { reading, view, key } of contributions.filter((contribution) => !reached.has(contribution))) {
    if (key === null || mayBeDefined(readings, name, key)) continue;
    const already = modules.get(listed(key)) ?? [];
    modules.set(listed(key), [...already, elsewhere(reading, view.node)]);
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
    const problem = `merge joins ${entity.name} by ${listed(contribution.key ?? [])}, but no other module has ${listed(missing)}`;
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
