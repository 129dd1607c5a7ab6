import { isOfCaller } from '../../backend/credentials/own-credentials.ts';
import type { SchemaModule } from '../../backend/define/module.ts';
import { entityKeys, keyFields } from '../../backend/merge/entity-keys.ts';
import { neededFields } from '../../backend/merge/needed-field.ts';
import type { Authorization } from '../directives/authorization/authorize.ts';
import { leafRequirements } from '../directives/authorization/input-parts.ts';
import { InputRequirements } from '../directives/authorization/input-requirements.ts';
import { type ComputedField, inheriting, requirementsOf } from '../directives/authorization/requirements.ts';
import { type CacheHints, cacheHintsOf, type TypeHints, typeIn } from '../directives/cache-hints.ts';
import { type InputRules, inputRulesOf } from '../directives/constraints/declared-rules.ts';
import { type CostWeights, costWeightsOf } from '../directives/cost/cost-weights.ts';
import { inaccessibleFields } from '../directives/inaccessible.ts';
import { type FieldQuotas, fieldQuotasOf } from '../directives/rate-limit.ts';
import { fieldsRead } from './fields-read.ts';
import { withInterfaceResolvers } from './interface-resolvers.ts';
import { withPolicyReads } from './policy-reads.ts';
import { type ModuleSdl, readSdl } from './sdl.ts';

/** A module with its parsed SDL. */
export interface ReadModule {
  readonly module: SchemaModule;
  readonly sdl: ModuleSdl;
}

/** Everything that the modules declare together, read once for both ways of execution. */
export interface Composition {
  readonly modules: readonly ReadModule[];
  /** Fields that are keys, or read for computed fields, by type. */
  readonly joinInputs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Fields that are computed from fields of other modules. */
  readonly computed: readonly ComputedField[];
  /** The fields of each key by which a module joins a type, by `<module>:<Type>`. */
  readonly keys: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly authorization: Authorization;
  readonly quotas: FieldQuotas;
  /** Rules of arguments and input fields, by coordinate. */
  readonly inputRules: InputRules;
  readonly costs: CostWeights;
  readonly hints: { readonly fields: CacheHints; readonly types: TypeHints };
  /** Coordinates of the fields that only modules can read. */
  readonly inaccessible: ReadonlySet<string>;
  /** Modules with an upstream that receives data of the caller. */
  readonly personal: ReadonlySet<string>;
}

/** The fields that are computed from fields of other modules. */
export const computedFields = (modules: readonly ReadModule[]): readonly ComputedField[] => {
  const sdls = modules.map(({ sdl }) => sdl);
  return modules.flatMap(({ module }) =>
    Object.entries(module.merge).flatMap(([type, { needs = {} }]) =>
      Object.entries(needs).map(([field, texts]) => {
        const from = neededFields(texts).flatMap(({ node }) => fieldsRead(sdls, type, node));
        return { type, field, from };
      }),
    ),
  );
};

const joinedFields = (modules: readonly ReadModule[], computed: readonly ComputedField[]): Map<string, Set<string>> => {
  const fields = new Map<string, Set<string>>();
  const add = (type: string, field: string) => fields.set(type, (fields.get(type) ?? new Set()).add(field));
  for (const { module } of modules)
    for (const [type, merge] of Object.entries(module.merge)) for (const key of keyFields(merge)) add(type, key);
  for (const { from } of computed) for (const { type, field } of from) add(type, field);
  return fields;
};

const joinKeys = (modules: readonly ReadModule[]): Composition['keys'] =>
  new Map(
    modules.flatMap(({ module }) =>
      Object.entries(module.merge).map(([type, merge]) => [
        typeIn(module.name, type),
        entityKeys(merge).map(({ fields }) => fields),
      ]),
    ),
  );

const isPersonal = (module: SchemaModule): boolean =>
  Object.values(module.upstreams).some((upstream) => upstream.forward !== undefined || isOfCaller(upstream));

/** @throws GraphQLError for SDL that cannot be parsed. */
export const compose = (modules: readonly SchemaModule[]): Composition => {
  const read = modules.map((module) => {
    const sdl = readSdl(module);
    return { module: withInterfaceResolvers(module, sdl), sdl };
  });
  const computed = computedFields(read);
  const documents = read.map(({ module, sdl }) => ({ module: module.name, document: sdl.document }));
  const inputs = new InputRequirements(documents, leafRequirements(documents));
  const authorization = {
    requirements: inheriting(requirementsOf(documents), inputs, computed),
    inputs,
    policies: new Map(modules.map(({ name, policies }) => [name, policies])),
  };
  return {
    modules: read.map((one) => ({ ...one, module: withPolicyReads(one.module, one.sdl, authorization) })),
    joinInputs: joinedFields(read, computed),
    computed,
    keys: joinKeys(read),
    authorization,
    quotas: fieldQuotasOf(documents),
    inputRules: inputRulesOf(documents),
    costs: costWeightsOf(documents),
    hints: cacheHintsOf(documents),
    inaccessible: inaccessibleFields(documents),
    personal: new Set(modules.filter(isPersonal).map(({ name }) => name)),
  };
};
