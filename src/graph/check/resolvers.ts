import { isScalarType } from 'graphql';
import { USUAL_SCALARS } from '../../backend/define/built-in-scalars.ts';
import { isEnumeration } from '../../backend/define/enumeration.ts';
import { isLoaded } from '../../backend/define/loaded.ts';
import { isRemote } from '../../backend/remote/remote.ts';
import { wrongEnums } from './enums.ts';
import { inIndex, inSdl, type ParsedModule } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';
import type { TypeKind } from './type-summary.ts';

const wrongField = (reading: ParsedModule, at: string, resolver: unknown): readonly ModuleProblem[] => {
  if (typeof resolver === 'function' || isRemote(resolver)) return [];
  if (!isLoaded(resolver))
    return [inIndex(reading, `the resolver of ${at} is not a function`, 'write a function, or loaded(…)')];
  const { loaders } = reading;
  if (loaders.is === 'failed' || loaders.names.has(resolver.loader)) return [];
  const problem = `${at} is loaded with "${resolver.loader}", a loader that does not exist`;
  return [inIndex(reading, problem, 'correct the name, or add it to loaders')];
};

const FIXES: Partial<Record<TypeKind, string>> = {
  scalar: 'write scalar({ parse, serialize })',
  enum: 'write enumeration({ … }) with a value for each name',
};

const wrongFields = (reading: ParsedModule, type: string, resolvers: object): readonly ModuleProblem[] => {
  const view = reading.types.get(type);
  const unreadable = reading.sdl.is === 'unreadable';
  if (view === undefined && !unreadable)
    return [
      inIndex(reading, `resolvers has ${type}, a type that is not in the SDL`, 'correct the name, or define the type'),
    ];
  if (view !== undefined && view.kind !== 'type') {
    const fix = FIXES[view.kind] ?? 'remove it; set __typename in the rows of an abstract type';
    return [inIndex(reading, `resolvers has fields for ${type}, which is not an object type`, fix)];
  }
  return Object.entries(resolvers).flatMap(([field, resolver]) => {
    const at = `${type}.${field}`;
    const unknown =
      unreadable || view?.fields.has(field) === true
        ? []
        : [
            inIndex(
              reading,
              `resolvers has ${at}, a field that is not in the SDL`,
              'correct the name, or add the field',
            ),
          ];
    return [...unknown, ...wrongField(reading, at, resolver)];
  });
};

const wrongScalar = (reading: ParsedModule, name: string): readonly ModuleProblem[] => {
  const kind = reading.types.get(name)?.kind;
  if (reading.sdl.is === 'unreadable' || kind === 'scalar') return [];
  if (kind === undefined && Object.hasOwn(USUAL_SCALARS, name)) return [];
  const problem = `resolvers has a scalar ${name}, which is ${kind === undefined ? 'not' : 'no scalar'} in the SDL`;
  return [inIndex(reading, problem, `write \`scalar ${name}\` in the SDL, or remove it`)];
};

/** Reports resolvers that would never be called, or could not be called. */
export const wrongResolvers = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.entries(reading.module.resolvers).flatMap(([type, declared]) => {
    if (isScalarType(declared)) return wrongScalar(reading, type);
    return isEnumeration(declared) ? wrongEnums(reading, type, declared) : wrongFields(reading, type, declared);
  });

/** Reports scalars without a definition. */
export const undefinedScalars = (reading: ParsedModule): readonly ModuleProblem[] =>
  [...reading.types].flatMap(([name, { kind, node }]) => {
    if (kind !== 'scalar' || Object.hasOwn(USUAL_SCALARS, name)) return [];
    if (Object.hasOwn(reading.module.resolvers, name)) return [];
    const fix = `add ${name}: scalar({ parse, serialize }) to resolvers`;
    return [inSdl(reading, node, `the scalar ${name} has no definition`, fix)];
  });

/** Reports a loaders() function that throws. */
export const failedLoaders = (reading: ParsedModule): readonly ModuleProblem[] => {
  const { loaders } = reading;
  if (loaders.is === 'made') return [];
  const fix = 'only declare loaders there, and call clients in their load functions';
  return [inIndex(reading, `loaders() failed (${loaders.reason})`, fix)];
};
