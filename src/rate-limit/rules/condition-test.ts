import { networkTest } from '../../config/ip-address.ts';
import type { Principal } from '../../request/principal.ts';
import type { RequestFacts } from './facts.ts';
import type { PlanSource, RequestCondition } from './rule.ts';

/** The plan of a caller: that of its API key, else the claim of its token, else the default one. */
export const callerPlan = (principal: Principal, { claim, default: fallback }: PlanSource): string | null => {
  if (principal.kind === 'api-key') return principal.plan ?? fallback;
  const claimed = claim === null || principal.kind === 'anonymous' ? undefined : principal.claims?.[claim];
  return typeof claimed === 'string' && claimed !== '' ? claimed : fallback;
};

type Test = (facts: RequestFacts) => boolean;

const oneOf =
  (values: readonly unknown[], read: (facts: RequestFacts) => unknown): Test =>
  (facts) =>
    values.includes(read(facts));

const someOf = (values: readonly string[], valuesOf: (facts: RequestFacts) => readonly string[]): Test => {
  const wanted = new Set(values);
  return (facts) => valuesOf(facts).some((value) => wanted.has(value));
};

const claimTest =
  (name: string, values: readonly unknown[]): Test =>
  ({ principal }) => {
    const value = principal.kind === 'anonymous' ? undefined : principal.claims?.[name];
    return Array.isArray(value) ? value.some((one) => values.includes(one)) : values.includes(value);
  };

const fieldTest =
  (coordinates: readonly string[]): Test =>
  ({ operation }) => {
    const selected = operation?.fields();
    return selected !== undefined && coordinates.some((coordinate) => selected.has(coordinate));
  };

/** True for an operation with no other root fields: any client can add one of these. */
const onlyFieldsTest =
  (coordinates: readonly string[]): Test =>
  ({ operation }) =>
    operation?.rootFields().every((at) => coordinates.includes(at)) === true;

const ownerOf = ({ principal }: RequestFacts) => (principal.kind === 'api-key' ? principal.owner : undefined);
const subjectOf = ({ principal }: RequestFacts) => (principal.kind === 'anonymous' ? undefined : principal.subject);
const rightsOf = ({ principal }: RequestFacts) =>
  principal.kind === 'anonymous' ? { scopes: [], roles: [] } : principal;

const testsOf = (condition: RequestCondition, plan: PlanSource, isExemption: boolean): readonly Test[] => {
  const { caller, subject, owner, role, scope, claim, address, client, route, operation, kind, field } = condition;
  const isWithin = address && networkTest(address);
  return [
    ...(caller ? [oneOf(caller, ({ principal }) => principal.kind)] : []),
    ...(subject ? [oneOf(subject, subjectOf)] : []),
    ...(owner ? [oneOf(owner, ownerOf)] : []),
    ...(condition.plan ? [oneOf(condition.plan, ({ principal }) => callerPlan(principal, plan))] : []),
    ...(role ? [someOf(role, (facts) => rightsOf(facts).roles)] : []),
    ...(scope ? [someOf(scope, (facts) => rightsOf(facts).scopes)] : []),
    ...Object.entries(claim ?? {}).map(([name, values]) => claimTest(name, values)),
    ...(isWithin ? [(facts: RequestFacts) => isWithin(facts.address)] : []),
    ...(client ? [oneOf(client, (facts) => facts.client)] : []),
    ...(route ? [oneOf(route, (facts) => facts.route)] : []),
    ...(operation ? [oneOf(operation, (facts) => facts.operation?.name)] : []),
    ...(kind ? [oneOf(kind, (facts) => facts.operation?.kind)] : []),
    ...(field ? [(isExemption ? onlyFieldsTest : fieldTest)(field)] : []),
  ];
};

/**
 * Creates the test of a condition. Without a list, every request meets it. The fields of an exemption, and of a raised priority, are
 * all root fields of an operation that meets it.
 */
export const conditionTest = (condition: RequestCondition, plan: PlanSource, isExemption = false): Test => {
  const tests = testsOf(condition, plan, isExemption);
  if (tests.length === 0) return () => true;
  return (facts) => tests.every((test) => test(facts));
};
