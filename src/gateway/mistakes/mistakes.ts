import type { SchemaModule } from '../../backend/module.ts';
import { circularNeeds } from './circular-needs.ts';
import { unfitEntityFields } from './entity-fields.ts';
import { rivalErrorCodes, wrongErrorCodes } from './error-codes.ts';
import { impossibleJoins } from './joins.ts';
import { wrongMerge } from './merge.ts';
import { byPlace, described, type Mistake } from './mistake.ts';
import { rivalModules, rivalVariables, wrongModuleName } from './names.ts';
import { unmetNeeds } from './needs.ts';
import { unknownPolicies } from './policies.ts';
import { wrongCaching } from './public-cache.ts';
import { unlikeRateLimits, wrongRateLimits } from './rate-limits.ts';
import { type Reading, readModule } from './reading.ts';
import { reserved } from './reserved.ts';
import { failedLoaders, scalarsWithoutMeaning, wrongResolvers } from './resolvers.ts';
import { rivalRootFields, unresolvedRootFields } from './root-fields.ts';
import { unlikeTypes } from './shared-types.ts';
import { wrongUpstreams } from './upstreams.ts';
import { invalidSdl } from './valid-sdl.ts';

const OF_ONE_MODULE: readonly ((reading: Reading) => readonly Mistake[])[] = [
  wrongModuleName,
  wrongErrorCodes,
  wrongUpstreams,
  failedLoaders,
  wrongMerge,
  wrongCaching,
  wrongResolvers,
  unresolvedRootFields,
  invalidSdl,
  reserved,
  scalarsWithoutMeaning,
  unknownPolicies,
  wrongRateLimits,
];

const BETWEEN_MODULES: readonly ((readings: readonly Reading[]) => readonly Mistake[])[] = [
  rivalModules,
  rivalErrorCodes,
  rivalVariables,
  rivalRootFields,
  unlikeTypes,
  impossibleJoins,
  unfitEntityFields,
  unmetNeeds,
  circularNeeds,
  unlikeRateLimits,
];

/**
 * Everything that is wrong with these modules, by file and place. Each is one line,
 * `file:line:column: what is wrong: what to do`, with the path as seen from the current folder.
 *
 * No mistake hides another: what a module gets wrong does not keep the others from being looked at.
 */
export const mistakesIn = (modules: readonly SchemaModule[]): readonly string[] => {
  const readings = modules.map(readModule);
  const found = [
    ...OF_ONE_MODULE.flatMap((check) => readings.flatMap(check)),
    ...BETWEEN_MODULES.flatMap((check) => check(readings)),
  ];
  return [...new Set(found.toSorted(byPlace).map(described))];
};
