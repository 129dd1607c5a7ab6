import type { SchemaModule } from '../../backend/define/module.ts';
import {
  contradictoryWords,
  publicRootTypes,
  undecidedFields,
  undecidedRoutes,
} from './authorization/authorization-words.ts';
import { unreachableRows, wrongRowPolicies } from './authorization/row-policies.ts';
import { conflictingConstraints } from './constraints/conflicting-constraints.ts';
import { wrongConstraints } from './constraints/wrong-constraints.ts';
import { conflictingCosts, wrongListSizes, wrongSizedFields, wrongWeights } from './cost/wrong-costs.ts';
import {
  conflictingRateLimits,
  unknownPolicies,
  wrongCacheDirectives,
  wrongRateLimitDirectives,
} from './directives.ts';
import { circularNeeds } from './entities/circular-needs.ts';
import { conflictingEntityFields } from './entities/entity-fields.ts';
import { impossibleJoins } from './entities/joins.ts';
import { wrongMerge } from './entities/merge.ts';
import { mutationsBelowRoot } from './entities/mutation-below-root.ts';
import { invalidRequiredFields } from './entities/required-fields.ts';
import { duplicateRootFields, unresolvedRootFields } from './entities/root-fields.ts';
import { conflictingFields, wrongShareable } from './entities/shareable-fields.ts';
import { conflictingErrorCodes, wrongErrorCodes } from './error-codes.ts';
import { invisibleTypes, wrongInaccessible } from './inaccessible.ts';
import { duplicateModules, duplicateVariables, wrongModuleName } from './module-names.ts';
import { type ParsedModule, readModule } from './parsed-module.ts';
import { byLocation, described, type ModuleProblem } from './problem.ts';
import { reserved } from './reserved-names.ts';
import { failedLoaders, undefinedScalars, wrongResolvers } from './resolvers.ts';
import { conflictingRoutes } from './routes/conflicting-routes.ts';
import { wrongRoutes } from './routes/wrong-routes.ts';
import { invalidSdl } from './sdl.ts';
import { wrongRemoteFields } from './services/remote-fields.ts';
import { conflictingTypes } from './shared-types.ts';
import { wrongUpstreams } from './upstreams/upstreams.ts';

const OF_ONE_MODULE: readonly ((reading: ParsedModule) => readonly ModuleProblem[])[] = [
  wrongModuleName,
  wrongErrorCodes,
  wrongUpstreams,
  wrongRoutes,
  failedLoaders,
  wrongMerge,
  wrongCacheDirectives,
  wrongResolvers,
  wrongRemoteFields,
  unresolvedRootFields,
  mutationsBelowRoot,
  invalidSdl,
  reserved,
  undefinedScalars,
  unknownPolicies,
  wrongRowPolicies,
  wrongRateLimitDirectives,
  wrongConstraints,
  wrongWeights,
  wrongListSizes,
  wrongShareable,
];

const BETWEEN_MODULES: readonly ((readings: readonly ParsedModule[]) => readonly ModuleProblem[])[] = [
  duplicateModules,
  conflictingErrorCodes,
  duplicateVariables,
  conflictingRoutes,
  duplicateRootFields,
  conflictingTypes,
  impossibleJoins,
  conflictingEntityFields,
  conflictingFields,
  invalidRequiredFields,
  circularNeeds,
  conflictingRateLimits,
  conflictingConstraints,
  wrongSizedFields,
  conflictingCosts,
  wrongInaccessible,
  invisibleTypes,
  unreachableRows,
  contradictoryWords,
  publicRootTypes,
];

/** Access to fields and routes without a requirement and without a word that makes them public: allowed, or a problem at the start. */
export type AuthDefault = 'allow' | 'deny';

/**
 * Returns all problems of these modules, ordered by file and position. Each is one line, `file:line:column: problem:
 * fix`, with the path relative to the current folder.
 *
 * All checks run: a problem of one module does not stop the checks of the others. With `deny`, fields and routes
 * without a word of authorisation are problems.
 */
export const problemsInModules = (
  modules: readonly SchemaModule[],
  authDefault: AuthDefault = 'allow',
): readonly string[] => {
  const readings = modules.map(readModule);
  const found = [
    ...OF_ONE_MODULE.flatMap((check) => readings.flatMap(check)),
    ...BETWEEN_MODULES.flatMap((check) => check(readings)),
    ...(authDefault === 'deny' ? [...undecidedFields(readings), ...undecidedRoutes(readings)] : []),
  ];
  return [...new Set(found.toSorted(byLocation).map(described))];
};
