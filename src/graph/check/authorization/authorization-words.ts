import { publicFields } from '../../directives/authorization/public-fields.ts';
import { coordinate, isNone } from '../../directives/authorization/requirement.ts';
import { inaccessibleFields } from '../../directives/inaccessible.ts';
import { typeParts } from '../../directives/type-parts.ts';
import { routeRequirement } from '../../routes/route-requirement.ts';
import { inIndex, inSdl, type ParsedModule, ROOT_TYPES } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import { routesIn } from '../routes/wrong-routes.ts';
import { documentsOf, requirementsIn } from './module-requirements.ts';

const objectFields = ({ types }: ParsedModule) =>
  [...types].flatMap(([type, { kind, fields }]) =>
    kind === 'type' ? [...fields.values()].map((node) => ({ at: coordinate(type, node.name.value), type, node })) : [],
  );

/** Reports fields that are public and have requirements: one of the two is a mistake, and the requirements hold. */
export const contradictoryWords = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const requirements = requirementsIn(readings);
  const open = publicFields(documentsOf(readings));
  return readings.flatMap((reading) =>
    objectFields(reading).flatMap(({ at, node }) => {
      const isMarked = node.directives?.some(({ name }) => name.value === 'public') === true;
      if (!isMarked || !open.has(at) || !requirements.has(at)) return [];
      const problem = `${at} is @public, but it has requirements of its own, of its type, or of what it is computed from`;
      return [inSdl(reading, node.name, problem, 'remove @public, or the requirements')];
    }),
  );
};

/** Reports routes without a requirement and without `public`, for `AUTH_DEFAULT=deny`. */
export const undecidedRoutes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    Object.entries(reading.module.routes ?? {}).flatMap(([key, declared]) => {
      const isUndecided = routesIn(declared).some(
        ({ options }) => options.public !== true && isNone(routeRequirement(reading.module.name, options)),
      );
      const problem = `no word of authorisation for route ${JSON.stringify(key)}, which AUTH_DEFAULT=deny requires`;
      const fix = 'set authenticated, scopes, policies or public: true in its options';
      return isUndecided ? [inIndex(reading, problem, fix)] : [];
    }),
  );

/** Reports root types that are `@public`: fields of all modules are on them, and a word covers those of its module only. */
export const publicRootTypes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    typeParts(documentsOf([reading])).flatMap(({ name, directives }) => {
      const mark = directives.find((directive) => directive.name.value === 'public');
      if (mark === undefined || !ROOT_TYPES.has(name)) return [];
      const problem = `type ${name} is @public, but every module has fields there`;
      return [inSdl(reading, mark, problem, 'write @public at each of them')];
    }),
  );

/** Reports all fields without a requirement and without @public, type by type, for `AUTH_DEFAULT=deny`. */
export const undecidedFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const documents = documentsOf(readings);
  const decided = new Set([
    ...requirementsIn(readings).keys(),
    ...publicFields(documents),
    ...inaccessibleFields(documents),
  ]);
  return readings.flatMap((reading) =>
    [
      ...Map.groupBy(
        objectFields(reading).filter(({ at }) => {
          if (decided.has(at)) return false;
          // Reported once, in the first module that has the field.
          decided.add(at);
          return true;
        }),
        ({ type }) => type,
      ),
    ].flatMap(([type, fields]) => {
      const [first] = fields;
      if (first === undefined) return [];
      const names = fields.map(({ node }) => node.name.value);
      const isWhole = reading.types.get(type)?.fields.size === names.length;
      const what =
        isWhole && names.length > 1
          ? `fields of ${type} (${listed(names)})`
          : listed(names.map((name) => coordinate(type, name)));
      const problem = `no word of authorisation for ${what}, which AUTH_DEFAULT=deny requires`;
      const fix = `write @public, @authenticated, @requiresScopes or @policy at ${names.length > 1 ? 'each of them' : 'the field'}, or at the type`;
      return [inSdl(reading, first.node.name, problem, fix)];
    }),
  );
};
