import { type ASTNode, type ConstDirectiveNode, Kind, visit } from 'graphql';
import { isRowPolicy, type RowPolicy } from '../../../backend/define/row-policy.ts';
import { entityKeys, keyFields } from '../../../backend/merge/entity-keys.ts';
import { neededFields } from '../../../backend/merge/needed-field.ts';
import { rowPoliciesOf } from '../../directives/authorization/policies.ts';
import { coordinate } from '../../directives/authorization/requirement.ts';
import { directiveUses } from '../../directives/type-parts.ts';
import { inIndex, inSdl, type ParsedModule } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import { requirementsIn } from './module-requirements.ts';

const resolvedFields = ({ module }: ParsedModule, type: string): ReadonlySet<string> =>
  new Set(Object.keys(module.resolvers[type] ?? {}));

/** Reports a policy with rows or needs that its module does not have. */
const wrongPolicy = (reading: ParsedModule, name: string, { type, needs }: RowPolicy): readonly ModuleProblem[] => {
  const view = reading.types.get(type);
  if (view === undefined || view.kind !== 'type') {
    const problem = `the policy "${name}" decides on rows of ${type}, which is no object type of the SDL`;
    return [inIndex(reading, problem, 'correct the name of the type')];
  }
  const resolved = resolvedFields(reading, type);
  return needs.flatMap((need) => {
    const at = `the policy "${name}" needs ${type}.${need}`;
    if (!view.fields.has(need))
      return [inIndex(reading, `${at}, a field that is not in the SDL`, 'correct the name, or add the field')];
    return resolved.has(need) ? [inIndex(reading, `${at}, which has a resolver`, 'name a property of the row')] : [];
  });
};

interface Use {
  readonly node: ConstDirectiveNode;
  readonly policy: string;
  /** The object type on which, or on a field of which, the directive is; null for any other place. */
  readonly type: string | null;
}

const objectTypeAt = (ancestors: readonly (ASTNode | readonly ASTNode[])[]): string | null => {
  const nodes = ancestors.filter((one): one is ASTNode => 'kind' in one && one.kind !== Kind.DOCUMENT);
  const [type, field, ...others] = nodes;
  if (type?.kind !== Kind.OBJECT_TYPE_DEFINITION && type?.kind !== Kind.OBJECT_TYPE_EXTENSION) return null;
  return others.length === 0 && (field === undefined || field.kind === Kind.FIELD_DEFINITION) ? type.name.value : null;
};

const usesIn = (reading: ParsedModule): readonly Use[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const uses: Use[] = [];
  visit(reading.sdl.sdl.document, {
    Directive: (node, _key, _parent, _path, ancestors) => {
      const directive = node as ConstDirectiveNode; // a directive in SDL has constant arguments
      for (const { policies } of directiveUses([directive], 'policy'))
        if (Array.isArray(policies))
          for (const policy of policies.flat())
            if (typeof policy === 'string') uses.push({ node: directive, policy, type: objectTypeAt(ancestors) });
    },
  });
  return uses;
};

const wrongUses = (reading: ParsedModule): readonly ModuleProblem[] =>
  usesIn(reading).flatMap(({ node, policy: name, type }) => {
    const policy = reading.module.policies[name];
    if (!isRowPolicy(policy) || policy.type === type) return [];
    const problem = `the policy "${name}" decides on rows of ${policy.type}, which are not there`;
    return [inSdl(reading, node, problem, `use it on ${policy.type} or its fields, or write a function`)];
  });

/** Reports row policies that no row could meet: unknown types and fields, and uses without rows. */
export const wrongRowPolicies = (reading: ParsedModule): readonly ModuleProblem[] => [
  ...Object.entries(reading.module.policies).flatMap(([name, policy]) =>
    isRowPolicy(policy) ? wrongPolicy(reading, name, policy) : [],
  ),
  ...wrongUses(reading),
];

/** Properties of the rows on which a module has a field: its own fields, or the inputs of a join without a loader. */
const rowProperties = (reading: ParsedModule, type: string, field: string): ReadonlySet<string> => {
  const { module, types } = reading;
  const merge = Object.hasOwn(module.merge, type) ? module.merge[type] : undefined;
  const needed = neededFields(merge?.needs?.[field] ?? []).map(({ property }) => property);
  const keys = merge === undefined ? [] : keyFields(merge);
  const isOwn = merge === undefined || entityKeys(merge).every(({ load }) => load !== undefined);
  const resolved = resolvedFields(reading, type);
  const own = isOwn ? [...(types.get(type)?.fields.keys() ?? [])].filter((name) => !resolved.has(name)) : [];
  return new Set([...own, ...keys, ...needed]);
};

/** Reports fields under a row policy in modules with rows that do not have what the policy needs. */
export const unreachableRows = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const policies = new Map(readings.map(({ module }) => [module.name, module.policies]));
  return [...requirementsIn(readings)].flatMap(([at, requirement]) =>
    requirement.policies
      .flatMap((use) => rowPoliciesOf(use, policies))
      .flatMap((policy) => readings.flatMap((reading) => lackingIn(reading, at, policy))),
  );
};

const lackingIn = (reading: ParsedModule, at: string, { type, needs }: RowPolicy): readonly ModuleProblem[] => {
  for (const [name, { kind, fields }] of reading.types)
    for (const [field, node] of kind === 'type' ? fields : []) {
      if (coordinate(name, field) !== at) continue;
      const has = name === type ? rowProperties(reading, name, field) : new Set<string>();
      const missing = needs.filter((need) => !has.has(need));
      if (missing.length === 0) return [];
      const problem = `${at} is under a policy of rows of ${type}, and rows of ${reading.module.name} have no ${listed(missing)}`;
      const fix =
        name === type
          ? `add ${listed(missing.map((one) => `'${one}'`))} to the needs of ${at}, or name a loader of such rows in merge of ${type}`
          : `use a policy that is a function, or guard(…) for ${at}`;
      return [inSdl(reading, node.name, problem, fix)];
    }
  return [];
};
