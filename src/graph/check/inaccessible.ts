import type { FieldDefinitionNode } from 'graphql';
import { namedType } from '../compose/sdl.ts';
import { coordinate } from '../directives/authorization/requirement.ts';
import { inaccessibleFields } from '../directives/inaccessible.ts';
import { directiveUses } from '../directives/type-parts.ts';
import { inSdl, type ParsedModule, ROOT_TYPES } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';
import type { TypeView } from './type-summary.ts';

const isInaccessible = ({ directives }: FieldDefinitionNode): boolean =>
  directiveUses(directives, 'inaccessible').length > 0;

/** The interface that requires a field of a type, in any module; undefined if none does. */
const requiredBy = (readings: readonly ParsedModule[], type: string, field: string): string | undefined =>
  readings
    .flatMap(({ types }) => [...(types.get(type)?.related ?? [])])
    .find((name) => readings.some(({ types }) => types.get(name)?.fields.has(field)));

const problemOf = (
  readings: readonly ParsedModule[],
  type: string,
  { kind }: TypeView,
  field: string,
): readonly [problem: string, fix: string] | null => {
  const name = `${type}.${field}`;
  if (kind === 'interface')
    return [`@inaccessible on ${name} hides nothing`, 'set it on the fields of the types that implement the interface'];
  if (ROOT_TYPES.has(type)) return [`${name} is @inaccessible, so that nothing can read it`, 'remove the field'];
  const required = requiredBy(readings, type, field);
  if (required === undefined) return null;
  return [`${name} is @inaccessible, but ${required} requires it`, `remove the directive, or ${required}.${field}`];
};

/** Reports `@inaccessible` where it hides nothing, and where clients need the field. */
export const wrongInaccessible = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    [...reading.types].flatMap(([type, view]) =>
      [...view.fields.values()].filter(isInaccessible).flatMap((field) => {
        const found = problemOf(readings, type, view, field.name.value);
        return found === null ? [] : [inSdl(reading, field.name, ...found)];
      }),
    ),
  );

const documentsOf = (readings: readonly ParsedModule[]) =>
  readings.flatMap(({ module, sdl }) =>
    sdl.is === 'read' ? [{ module: module.name, document: sdl.sdl.document }] : [],
  );

/** Reports fields with a type of which clients see no field. */
export const invisibleTypes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const hidden = inaccessibleFields(documentsOf(readings));
  const visible = new Set(
    readings.flatMap(({ types }) =>
      [...types].flatMap(([type, { fields }]) =>
        [...fields.keys()].some((field) => !hidden.has(coordinate(type, field))) ? [type] : [],
      ),
    ),
  );
  const isInvisible = (type: string): boolean =>
    !visible.has(type) && readings.some(({ types }) => types.get(type)?.kind === 'type');
  return readings.flatMap((reading) =>
    [...reading.types].flatMap(([type, { fields }]) =>
      [...fields.values()]
        .filter((field) => !hidden.has(coordinate(type, field.name.value)) && isInvisible(namedType(field.type)))
        .map((field) => {
          const problem = `${type}.${field.name.value} returns ${namedType(field.type)}, of which every field is @inaccessible`;
          return inSdl(reading, field.name, problem, 'hide this field too, or show a field of the type');
        }),
    ),
  );
};
