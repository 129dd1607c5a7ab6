import type { SchemaModule } from '../../backend/define/module.ts';
import type { GraphqlUpstream } from '../../backend/define/upstream-options.ts';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { rowPoliciesOf } from '../directives/authorization/policies.ts';
import { coordinate } from '../directives/authorization/requirement.ts';
import { fieldsIn, type ModuleSdl } from './sdl.ts';

type Types = NonNullable<GraphqlUpstream['types']>;

/** Adds fields to those that a function of the module reads from rows of a service. */
const reading = (types: Types, type: string, field: string, needs: readonly string[]): Types => {
  const names = types[type] ?? {};
  const reads = names.reads ?? {};
  return { ...types, [type]: { ...names, reads: { ...reads, [field]: [...(reads[field] ?? []), ...needs] } } };
};

/**
 * The module with the properties that row policies read among the `reads` of its GraphQL services: their rows have the
 * requested fields only.
 */
export const withPolicyReads = (
  module: SchemaModule,
  sdl: ModuleSdl,
  { requirements, policies }: Pick<Authorization, 'requirements' | 'policies'>,
): SchemaModule => {
  const needs = [...requirements].flatMap(([at, requirement]) => {
    const rows = requirement.policies.flatMap((use) => rowPoliciesOf(use, policies));
    return rows.flatMap((policy) =>
      fieldsIn(sdl, policy.type).flatMap(([field]) =>
        coordinate(policy.type, field) === at ? [{ type: policy.type, field, needs: policy.needs }] : [],
      ),
    );
  });
  if (needs.length === 0) return module;
  const upstreams = Object.entries(module.upstreams).map(([name, upstream]) => {
    if (upstream.protocol !== 'graphql') return [name, upstream];
    const types = needs.reduce((known, one) => reading(known, one.type, one.field, one.needs), upstream.types ?? {});
    return [name, { ...upstream, types }];
  });
  return { ...module, upstreams: Object.fromEntries(upstreams) };
};
