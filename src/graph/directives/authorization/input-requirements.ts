import type { FieldNode } from 'graphql';
import type { ModuleDocument } from '../type-parts.ts';
import { type GivenInput, givenInputs, type InputShape, type InputShapes, type ReadVariable } from './given-inputs.ts';
import { fieldArguments, type InputPart, inputFields, type LeafRequirements, nameOfType } from './input-parts.ts';
import { all, coordinate, isNone, NONE, written } from './requirement.ts';

const shapesOf = (parts: readonly InputPart[], leaves: LeafRequirements): InputShapes =>
  new Map(
    [...Map.groupBy(parts, ({ node }) => node.name.value)].map(([name, same]) => {
      const type = same[0] === undefined ? '' : nameOfType(same[0].node.type);
      const own = same.map(({ module, node }) => written(module, node.directives));
      return [name, { type, requirement: all([...own, leaves.get(type) ?? NONE]) }];
    }),
  );

/** The input object types with a requirement at any depth. */
const guardedTypes = (types: ReadonlyMap<string, InputShapes>): ReadonlySet<string> => {
  const guarded = new Set<string>();
  const isGuarded = ({ type, requirement }: InputShape): boolean => !isNone(requirement) || guarded.has(type);
  let size = -1;
  while (size !== guarded.size) {
    size = guarded.size;
    for (const [name, fields] of types) if ([...fields.values()].some(isGuarded)) guarded.add(name);
  }
  return guarded;
};

/**
 * Requirements of arguments and input fields, from all modules. A value that a client gives must meet those of its
 * argument, of each input field inside it, and of their enums and scalars.
 */
export class InputRequirements {
  /** Arguments by the coordinate of their field; only of fields with a guarded argument. */
  readonly #args: ReadonlyMap<string, InputShapes>;
  /** Fields of input object types; only of types with a requirement at any depth. */
  readonly #types: ReadonlyMap<string, InputShapes>;

  constructor(documents: readonly ModuleDocument[], leaves: LeafRequirements) {
    const types = new Map([...inputFields(documents)].map(([name, parts]) => [name, shapesOf(parts, leaves)]));
    const guarded = guardedTypes(types);
    const isGuarded = ({ type, requirement }: InputShape): boolean => !isNone(requirement) || guarded.has(type);
    this.#types = new Map([...types].filter(([name]) => guarded.has(name)));
    this.#args = new Map(
      fieldArguments(documents).flatMap(({ type, field, args }) => {
        const shapes = shapesOf(args, leaves);
        return [...shapes.values()].some(isGuarded) ? [[coordinate(type, field), shapes] as const] : [];
      }),
    );
  }

  /** Coordinates of the fields with an argument that has requirements at any depth. */
  get fields(): ReadonlySet<string> {
    return new Set(this.#args.keys());
  }

  /** The names of those fields, of any type. */
  get fieldNames(): ReadonlySet<string> {
    return new Set([...this.#args.keys()].map((at) => at.slice(at.indexOf('.') + 1)));
  }

  /** The arguments of those fields, by coordinate. */
  get args(): ReadonlyMap<string, InputShapes> {
    return this.#args;
  }

  /** The fields of input object types with a requirement at any depth, by type. */
  get types(): ReadonlyMap<string, InputShapes> {
    return this.#types;
  }

  /** The inputs with requirements that a field of an operation gives, each once, in the order of the document. */
  given(field: string, node: FieldNode, variable: ReadVariable): readonly GivenInput[] {
    const shapes = this.#args.get(field);
    return shapes === undefined ? [] : givenInputs(shapes, this.#types, node, variable);
  }
}
