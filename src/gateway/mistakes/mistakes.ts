import type { SchemaModule } from '../../backend/module.ts';
import { circularNeeds } from './circular-needs.ts';
import { conflictingEntityFields } from './entity-fields.ts';
import { conflictingErrorCodes, wrongErrorCodes } from './error-codes.ts';
import { impossibleJoins } from './joins.ts';
import { wrongMerge } from './merge.ts';
import { byLocation, described, type Mistake } from './mistake.ts';
import { duplicateModules, duplicateVariables, wrongModuleName } from './names.ts';
import { invalidNeeds } from './needs.ts';
import { unknownPolicies } from './policies.ts';
import { wrongCaching } from './public-cache.ts';
import { conflictingRateLimits, wrongRateLimits } from './rate-limits.ts';
import { type Reading, readModule } from './reading.ts';
import { reserved } from './reserved.ts';
import { failedLoaders, undefinedScalars, wrongResolvers } from './resolvers.ts';
import { duplicateRootFields, unresolvedRootFields } from './root-fields.ts';
import { conflictingTypes } from './shared-types.ts';
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
  undefinedScalars,
  unknownPolicies,
  wrongRateLimits,
];

const BETWEEN_MODULES: readonly ((readings: readonly Reading[]) => readonly Mistake[])[] = [
  duplicateModules,
  conflictingErrorCodes,
  duplicateVariables,
  duplicateRootFields,
  conflictingTypes,
  impossibleJoins,
  conflictingEntityFields,
  invalidNeeds,
  circularNeeds,
  conflictingRateLimits,
];

/**
 * Returns all problems of these modules, ordered by file and position. Each is one line, `file:line:column: problem:
 * fix`, with the path relative to the current folder.
 *
 * All checks run: a problem of one module does not stop the checks of the others.
 */
export const mistakesIn = (modules: readonly SchemaModule[]): readonly string[] => {
  const readings = modules.map(readModule);
  const found = [
    ...OF_ONE_MODULE.flatMap((check) => readings.flatMap(check)),
    ...BETWEEN_MODULES.flatMap((check) => check(readings)),
  ];
  return [...new Set(found.toSorted(byLocation).map(described))];
};
