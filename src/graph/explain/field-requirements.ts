import type { Field } from '../../execution/plan/plan.ts';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { anyValue } from '../directives/authorization/given-inputs.ts';
import { coordinate, type Requirement } from '../directives/authorization/requirement.ts';

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
  { joins, parent, name, nodes, guard, limit }: Field,
  { requirements, inputs }: Authorization,
): readonly string[] => {
  if (joins !== null) return [];
  // A field below a needed one has requirements, but no guard.
  const at = coordinate(parent.name, name);
  const [node] = nodes;
  const requirement = guard === null ? undefined : requirements.get(at);
  const given = guard === null || node === undefined ? [] : inputs.given(at, node, anyValue);
  return [
    ...(requirement === undefined ? [] : requirementPhrases(requirement)),
    ...given.map(({ path, requirement }) => `${path} ${NAMES.format(requirementPhrases(requirement))}`),
    ...(limit === null ? [] : [`at most ${limit.quota.limit} in ${limit.quota.seconds} s`]),
  ];
};
