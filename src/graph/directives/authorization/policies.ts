import type { SchemaModule } from '../../../backend/define/module.ts';
import { isRowPolicy, type RowPolicy } from '../../../backend/define/row-policy.ts';
import type { BoundCaller } from '../../../execution/graph.ts';
import { isAbsence } from '../../../execution/run/field-failure.ts';
import type { Principal } from '../../../request/principal.ts';
import type { PolicyUse } from './requirement.ts';

/** The policies of every module, by the module's name. */
export type Policies = ReadonlyMap<string, SchemaModule['policies']>;

const policyIn = (policies: Policies, module: string, name: string) => {
  const own = policies.get(module) ?? {};
  return Object.hasOwn(own, name) ? own[name] : undefined;
};

/** The row policies that a use of @policy names. */
export const rowPoliciesOf = ({ module, anyOf }: PolicyUse, policies: Policies): readonly RowPolicy[] =>
  anyOf.flat().flatMap((name) => {
    const policy = policyIn(policies, module, name);
    return isRowPolicy(policy) ? [policy] : [];
  });

/** Input of policies that decide on a field. */
export interface PolicyInput {
  readonly caller: BoundCaller;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Decides on one row. Rejects if no policy admits the row and one of them failed. */
export type RowTest = (row: unknown) => Promise<boolean>;

const ROLE = /^role:(.+)$/;

/** The role that a policy `role:<name>` requires; null for other policies. */
export const roleOf = (policy: string): string | null => ROLE.exec(policy)?.[1] ?? null;

export const hasRole = (principal: Principal, role: string): boolean =>
  principal.kind !== 'anonymous' && principal.roles.includes(role);

/** "Not found" is an answer, and admits no caller. Other failures are reported. */
const admittedBy = async (decide: () => unknown): Promise<boolean> => {
  try {
    return (await decide()) === true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
};

/** The properties of a row that a policy reads. A missing one fails: as null it might admit. */
const readRow = ({ type, needs }: RowPolicy, row: unknown): object =>
  Object.fromEntries(
    needs.map((name) => {
      const value: unknown = Reflect.get(Object(row), name);
      if (value === undefined) throw new Error(`A row of ${type} has no "${name}", which a policy needs.`);
      return [name, value];
    }),
  );

/** Returns true with the first list that admits. A failure counts only if no other list admits. */
const firstAdmitting = async <List>(
  lists: readonly List[],
  admits: (list: List) => Promise<boolean>,
  before: readonly unknown[] = [],
): Promise<{ readonly isAdmitted: boolean; readonly failures: readonly unknown[] }> => {
  const failures = [...before];
  for (const list of lists)
    try {
      if (await admits(list)) return { isAdmitted: true, failures };
    } catch (error) {
      failures.push(error);
    }
  return { isAdmitted: false, failures };
};

const every = async (decisions: readonly Promise<boolean>[]): Promise<boolean> =>
  (await Promise.all(decisions)).every(Boolean);

/**
 * Decides on a use of @policy: true, false, or a test of each row. Lists with a role that the caller does not have cost
 * no call, and rows are tested only if no other list admits the caller.
 */
export const policiesDecide = async (
  { module, anyOf }: PolicyUse,
  { caller, args }: PolicyInput,
  policies: Policies,
): Promise<boolean | RowTest> => {
  const { principal } = caller.request;
  const context = () => caller.bound(module).context;
  const policyOf = (name: string) => policyIn(policies, module, name);
  const possible = anyOf.filter((all) => {
    const roles = all.map(roleOf).filter((role) => role !== null);
    return roles.every((role) => hasRole(principal, role));
  });
  const isOfRows = (name: string): boolean => isRowPolicy(policyOf(name));
  const onField = (all: readonly string[]): Promise<boolean> =>
    every(
      all
        .filter((name) => roleOf(name) === null && !isOfRows(name))
        // A missing policy denies. It was reported at the start.
        .map((name) => {
          const policy = policyOf(name);
          return admittedBy(() => typeof policy === 'function' && policy(principal, args, context()));
        }),
    );
  const plain = await firstAdmitting(
    possible.filter((all) => !all.some(isOfRows)),
    onField,
  );
  if (plain.isAdmitted) return true;
  const ofRows: RowPolicy[][] = [];
  const failures = [...plain.failures];
  for (const all of possible.filter((all) => all.some(isOfRows)))
    try {
      if (await onField(all)) ofRows.push(all.map(policyOf).filter(isRowPolicy));
    } catch (error) {
      failures.push(error);
    }
  if (ofRows.length === 0) {
    if (failures.length > 0) throw failures[0];
    return false;
  }
  return async (row) => {
    const tested = await firstAdmitting(
      ofRows,
      (all) => every(all.map((policy) => admittedBy(() => policy.admits(readRow(policy, row), context(), args)))),
      failures,
    );
    if (!tested.isAdmitted && tested.failures.length > 0) throw tested.failures[0];
    return tested.isAdmitted;
  };
};
