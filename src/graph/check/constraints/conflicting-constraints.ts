import { argumentCoordinate } from '../../directives/authorization/requirement.ts';
import { type DeclaredInput, declaredInputs } from '../../directives/constraints/declared-rules.ts';
import type { Rules } from '../../directives/constraints/rules.ts';
import { type ModuleDocument, typeParts } from '../../directives/type-parts.ts';
import { elsewhere, inSdl, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

const isSame = (one: Rules | null, other: Rules | null): boolean =>
  one === other ||
  (one !== null && one.size === other?.size && [...one].every(([rule, limit]) => other.get(rule) === limit));

/** Coordinates of the argument in the interfaces of its type: a field of an interface is checked by its own rules. */
const inInterfaces = (documents: readonly ModuleDocument[]): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>();
  for (const [type, parts] of Map.groupBy(typeParts(documents), ({ name }) => name)) {
    // Any part of a type may name an interface.
    const interfaces = [...new Set(parts.flatMap((part) => part.interfaces))];
    for (const field of parts.flatMap(({ fields }) => fields))
      for (const { name: argument } of field.arguments ?? []) {
        const at = (one: string) => argumentCoordinate(one, field.name.value, argument.value);
        found.set(at(type), interfaces.map(at));
      }
  }
  return found;
};

/**
 * Reports inputs with other rules in another module, or in an interface of the type: any of the modules may serve the
 * field, and an operation may request it of the interface.
 */
export const conflictingConstraints = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const documents = readings.flatMap(({ module, sdl }) =>
    sdl.is === 'read' ? [{ module: module.name, document: sdl.sdl.document }] : [],
  );
  const inputs = declaredInputs(documents);
  if (inputs.every(({ rules }) => rules === null)) return [];
  const byCoordinate = Map.groupBy(inputs, ({ at }) => at);
  const above = inInterfaces(documents);
  const readingOf = new Map(readings.map((reading) => [reading.module.name, reading]));
  const conflict = (input: DeclaredInput, other: DeclaredInput): readonly ModuleProblem[] => {
    const [here, there] = [readingOf.get(input.module), readingOf.get(other.module)];
    if (other === input || here === undefined || there === undefined || isSame(input.rules, other.rules)) return [];
    const problem = `${input.at} does not have the same @constraint as ${other.at} in ${elsewhere(there, other.node)}`;
    return [inSdl(here, input.node, problem, 'set the same rules in both, or none')];
  };
  return inputs.flatMap((input) =>
    [input.at, ...(above.get(input.at) ?? [])].flatMap((at) =>
      (byCoordinate.get(at) ?? []).flatMap((other) => conflict(input, other)),
    ),
  );
};
