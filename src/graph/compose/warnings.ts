import { Kind } from 'graphql';
import type { SchemaModule } from '../../backend/define/module.ts';
import { coordinate, requirementsOf } from '../directives/requirement.ts';
import { typeParts } from '../directives/type-parts.ts';
import { readSdl } from './sdl.ts';

/** Returns one line for each construct that works but has surprising results. Expects modules without problems. */
export const warningsIn = (modules: readonly SchemaModule[]): readonly string[] => {
  const documents = modules.map((module) => ({ module: module.name, document: readSdl(module).document }));
  const requirements = requirementsOf(documents);
  return typeParts(documents).flatMap(({ module, name, isInterface, fields }) =>
    fields.flatMap((field) => {
      const at = coordinate(name, field.name.value);
      if (isInterface || field.type.kind !== Kind.NON_NULL_TYPE || !requirements.has(at)) return [];
      return `${module}: ${at} is non-null, but access to it can be refused: a refusal then nulls the whole ${name}. Remove its "!".`;
    }),
  );
};
