import type { Policy } from '../../backend/define/schema-types.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Principal } from '../../request/principal.ts';
import type { AnyOfAll, PolicyUse, Requirement, Requirements } from './requirement.ts';

/** The policies of every module, by the module's name. */
export type Policies = ReadonlyMap<string, Readonly<Record<string, Policy>>>;

/** Requirements and policies of all modules. */
export interface Authorization {
  readonly requirements: Requirements;
  readonly policies: Policies;
}

/** Input of an authorisation. Rows are not part of it: they would have to be fetched first. */
export interface AuthorizationInput {
  readonly principal: Principal;
  readonly args: Readonly<Record<string, unknown>>;
}

const hasScopes = ({ principal }: AuthorizationInput, anyOf: AnyOfAll): boolean =>
  principal.kind !== 'anonymous' && anyOf.some((all) => all.every((scope) => principal.scopes.includes(scope)));

const ROLE = /^role:(.+)$/;

const isMet = async (input: AuthorizationInput, policy: Policy | undefined, name: string): Promise<boolean> => {
  const role = ROLE.exec(name)?.[1];
  if (role !== undefined) return input.principal.kind !== 'anonymous' && input.principal.roles.includes(role);
  // A missing policy denies. It was reported at the start.
  return policy !== undefined && (await policy(input.principal, input.args)) === true;
};

const areMet = async (
  input: AuthorizationInput,
  { module, anyOf }: PolicyUse,
  policies: Policies,
): Promise<boolean> => {
  for (const all of anyOf) {
    const results = await Promise.all(all.map((name) => isMet(input, policies.get(module)?.[name], name)));
    if (results.every(Boolean)) return true;
  }
  return false;
};

const refusal = ({ principal }: AuthorizationInput): GatewayError =>
  principal.kind === 'anonymous'
    ? new GatewayError('UNAUTHENTICATED', 'Authentication required.')
    : new GatewayError('FORBIDDEN', 'The principal does not meet the requirements of this field.');

const refusedByPolicies = async (
  input: AuthorizationInput,
  uses: readonly PolicyUse[],
  policies: Policies,
): Promise<GatewayError | null> => {
  for (const use of uses) if (!(await areMet(input, use, policies))) return refusal(input);
  return null;
};

/**
 * Checks a requirement. Returns null, or the error to fail with. Asynchronous only with policies; an exception of a
 * policy rejects.
 */
export const authorize = (
  requirement: Requirement,
  input: AuthorizationInput,
  policies: Policies,
): GatewayError | null | Promise<GatewayError | null> => {
  if (requirement.authenticated && input.principal.kind === 'anonymous') return refusal(input);
  if (!requirement.scopes.every((anyOf) => hasScopes(input, anyOf))) return refusal(input);
  return requirement.policies.length === 0 ? null : refusedByPolicies(input, requirement.policies, policies);
};
