import type { FieldNode } from 'graphql';
import { GatewayError } from '../../../core/errors.ts';
import type { BoundCaller, Decision, Guard, GuardedField } from '../../../execution/graph.ts';
import type { Principal } from '../../../request/principal.ts';
import { anyValue, sentValues } from './given-inputs.ts';
import type { InputRequirements } from './input-requirements.ts';
import { type Policies, policiesDecide, type RowTest } from './policies.ts';
import { NONE, type Requirement, type Requirements } from './requirement.ts';

/** Requirements and policies of all modules. */
export interface Authorization {
  /** Of fields. */
  readonly requirements: Requirements;
  /** Of arguments and input fields. */
  readonly inputs: InputRequirements;
  readonly policies: Policies;
}

/** True if the principal meets everything but the policies. */
export const meetsScopes = (principal: Principal, { authenticated, scopes }: Requirement): boolean => {
  if (principal.kind === 'anonymous') return !authenticated && scopes.length === 0;
  return scopes.every((anyOf) => anyOf.some((all) => all.every((scope) => principal.scopes.includes(scope))));
};

/** A requirement to meet: that of a field, or of an input that the client gives a value. */
interface Demand {
  readonly requirement: Requirement;
  /** Path of the input in the arguments of its field; null for the field itself. */
  readonly input: string | null;
}

const refusal = ({ kind }: Principal, { input }: Demand): GatewayError => {
  const details = input === null ? undefined : { argument: input };
  return kind === 'anonymous'
    ? new GatewayError('UNAUTHENTICATED', 'Authentication required.', { details })
    : new GatewayError('FORBIDDEN', `The principal does not meet the requirements of ${input ?? 'this field'}.`, {
        details,
      });
};

const rowGuard =
  (principal: Principal, tests: readonly (readonly [Demand, RowTest])[]) =>
  async (row: unknown): Promise<Error | null> => {
    const results = await Promise.all(tests.map(([, test]) => test(row)));
    const refused = tests.find((_test, at) => results[at] !== true);
    return refused === undefined ? null : refusal(principal, refused[0]);
  };

/** Decides by the policies of the demands, one after the other, up to the first refusal. */
const byPolicies = async (
  demands: readonly Demand[],
  caller: BoundCaller,
  args: GuardedField['args'],
  policies: Policies,
): Promise<Decision> => {
  const { principal } = caller.request;
  const tests: (readonly [Demand, RowTest])[] = [];
  for (const demand of demands)
    for (const use of demand.requirement.policies) {
      const decided = await policiesDecide(use, { caller, args }, policies);
      if (decided === false) return refusal(principal, demand);
      if (decided !== true) tests.push([demand, decided]);
    }
  return tests.length === 0 ? null : rowGuard(principal, tests);
};

/** Checks a requirement outside GraphQL, where there are no rows. Returns null, or the error to fail with. */
export const authorize = (
  requirement: Requirement,
  caller: BoundCaller,
  args: GuardedField['args'],
  policies: Policies,
): Error | null | Promise<Error | null> => {
  const demand: Demand = { requirement, input: null };
  const { principal } = caller.request;
  if (!meetsScopes(principal, requirement)) return refusal(principal, demand);
  if (requirement.policies.length === 0) return null;
  return byPolicies([demand], caller, args, policies).then((decision) =>
    typeof decision === 'function' ? refusal(principal, demand) : decision,
  );
};

/**
 * Returns the guard of a field of an operation; null if the field and all inputs that it may give are public. The guard
 * is asynchronous only with policies. An exception of a policy rejects.
 */
export const guardOf = (
  { requirements, inputs, policies }: Authorization,
  coordinate: string,
  node: FieldNode | undefined,
): Guard | null => {
  const requirement = requirements.get(coordinate) ?? null;
  const mayGive = node !== undefined && inputs.given(coordinate, node, anyValue).length > 0;
  if (requirement === null && !mayGive) return null;
  const own: Demand = { requirement: requirement ?? NONE, input: null };
  return (caller, { node: requested, args, sent, definitions }) => {
    const given = mayGive ? inputs.given(coordinate, requested, sentValues(sent, definitions)) : [];
    const demands = [own, ...given.map(({ path, requirement }): Demand => ({ requirement, input: path }))];
    const { principal } = caller.request;
    const unmet = demands.find((demand) => !meetsScopes(principal, demand.requirement));
    if (unmet !== undefined) return refusal(principal, unmet);
    if (demands.every((demand) => demand.requirement.policies.length === 0)) return null;
    return byPolicies(demands, caller, args, policies);
  };
};
