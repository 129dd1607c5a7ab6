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
export interface Question {
  readonly principal: Principal;
  readonly args: Readonly<Record<string, unknown>>;
}

const hasScopes = ({ principal }: Question, anyOf: AnyOfAll): boolean =>
  principal.kind === 'user' && anyOf.some((all) => all.every((scope) => principal.scopes.includes(scope)));

const ROLE = /^role:(.+)$/;

const agrees = async (question: Question, policy: Policy | undefined, name: string): Promise<boolean> => {
  const role = ROLE.exec(name)?.[1];
  if (role !== undefined) return question.principal.kind === 'user' && question.principal.roles.includes(role);
  // A missing policy denies. It was reported at the start.
  return policy !== undefined && (await policy(question.principal, question.args)) === true;
};

const policiesAgree = async (
  question: Question,
  { module, anyOf }: PolicyUse,
  policies: Policies,
): Promise<boolean> => {
  for (const all of anyOf) {
    const verdicts = await Promise.all(all.map((name) => agrees(question, policies.get(module)?.[name], name)));
    if (verdicts.every((verdict) => verdict)) return true;
  }
  return false;
};

const refusal = ({ principal }: Question): GatewayError =>
  principal.kind === 'anonymous'
    ? new GatewayError('UNAUTHENTICATED', 'Authentication required.')
    : new GatewayError('FORBIDDEN', 'The principal does not meet the requirements of this field.');

const refusedByPolicies = async (
  question: Question,
  uses: readonly PolicyUse[],
  policies: Policies,
): Promise<GatewayError | null> => {
  for (const use of uses) if (!(await policiesAgree(question, use, policies))) return refusal(question);
  return null;
};

/**
 * Checks a requirement. Returns null, or the error to fail with. Asynchronous only with policies; an exception of a
 * policy rejects.
 */
export const authorize = (
  requirement: Requirement,
  question: Question,
  policies: Policies,
): GatewayError | null | Promise<GatewayError | null> => {
  if (requirement.authenticated && question.principal.kind === 'anonymous') return refusal(question);
  if (!requirement.scopes.every((anyOf) => hasScopes(question, anyOf))) return refusal(question);
  return requirement.policies.length === 0 ? null : refusedByPolicies(question, requirement.policies, policies);
};
