import { isScalarType } from 'graphql';
import { isLoaded } from '../../backend/define/loaded.ts';
import { USUAL_SCALARS } from '../../backend/define/scalars/built-in-scalars.ts';
import { isEnumeration } from '../../backend/define/scalars/enumeration.ts';
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

/** `__resolveType` and the like, of other libraries. */
const isMeta = (field: string): boolean => field.startsWith('__');

/** Object types of the module that implement an interface and have no resolver of their own for the field. */
const inheritors = ({ types, declared }: ParsedModule, name: string, field: string): readonly string[] =>
  [...types].flatMap(([type, { kind, related }]) =>
    kind === 'type' && related.has(name) && !Object.hasOwn(declared[type] ?? {}, field) ? type : [],
  );

/** Reports resolvers of an interface that no type uses, or that compete with those of another interface. */
const wrongInterfaceField = (reading: ParsedModule, name: string, field: string): readonly ModuleProblem[] => {
  const { types, declared } = reading;
  const at = `${name}.${field}`;
  const heirs = inheritors(reading, name, field);
  if (heirs.length === 0) {
    const problem = `resolvers has ${at}, which no type uses`;
    return [inIndex(reading, problem, `remove it, or let a type without an own resolver implement ${name}`)];
  }
  return heirs.flatMap((type) => {
    const rivals = [...(types.get(type)?.related ?? [])].filter((other) => Object.hasOwn(declared[other] ?? {}, field));
    // Reported once, at the first of them.
    if (rivals.length < 2 || rivals[0] !== name) return [];
    const problem = `${type}.${field} has resolvers of ${rivals.join(' and ')}`;
    return [inIndex(reading, problem, `write the resolver of ${type}.${field}`)];
  });
};

const wrongFields = (reading: ParsedModule, type: string, resolvers: object): readonly ModuleProblem[] => {
  const view = reading.types.get(type);
  const unreadable = reading.sdl.is === 'unreadable';
  if (view === undefined && !unreadable)
    return [
      inIndex(reading, `resolvers has ${type}, a type that is not in the SDL`, 'correct the name, or define the type'),
    ];
  if (
    view !== undefined &&
    view.kind !== 'type' &&
    (view.kind !== 'interface' || Object.keys(resolvers).some(isMeta))
  ) {
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
    const shared = view?.kind === 'interface' && unknown.length === 0 ? wrongInterfaceField(reading, type, field) : [];
    return [...unknown, ...shared, ...wrongField(reading, at, resolver)];
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
  Object.entries(reading.declared).flatMap(([type, declared]) => {
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
