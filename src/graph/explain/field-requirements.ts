import type { Field } from '../../execution/plan/plan.ts';
import { coordinate, type Requirement, type Requirements } from '../directives/requirement.ts';

const NAMES = new Intl.ListFormat('en', { type: 'conjunction' });
const CHOICES = new Intl.ListFormat('en', { type: 'disjunction' });

const anyOfAll = (what: string, lists: readonly (readonly string[])[]): string =>
  `requires ${what} ${CHOICES.format(lists.map((all) => NAMES.format(all)))}`;

const requirementPhrases = ({ authenticated, scopes, policies }: Requirement): readonly string[] => [
  ...(authenticated ? ['requires authentication'] : []),
  ...scopes.map((lists) => anyOfAll('scope', lists)),
  ...policies.map(({ anyOf }) => anyOfAll('policy', anyOf)),
];

/** Requirements of a field as text: guards and limits. Fields read only for joins have none. */
export const fieldRequirements = (
  { joins, parent, name, guard, limit }: Field,
  requirements: Requirements,
): readonly string[] => {
  if (joins !== null) return [];
  // A field below a needed one has requirements, but no guard.
  const requirement = guard === null ? undefined : requirements.get(coordinate(parent.name, name));
  return [
    ...(requirement === undefined ? [] : requirementPhrases(requirement)),
    ...(limit === null ? [] : [`at most ${limit.quota.limit} in ${limit.quota.seconds} s`]),
  ];
};
