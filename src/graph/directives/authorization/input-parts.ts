import { type InputValueDefinitionNode, Kind, type TypeNode } from 'graphql';
import { type ModuleDocument, type TypePart, typeParts } from '../type-parts.ts';
import { all, isNone, type Requirement, written } from './requirement.ts';

/** Requirements of enums and scalars, by name. */
export type LeafRequirements = ReadonlyMap<string, Requirement>;

/** Returns the requirements of enums and scalars from all their definitions and extensions, in any module. */
export const leafRequirements = (documents: readonly ModuleDocument[]): LeafRequirements => {
  const found = new Map<string, Requirement>();
  for (const { module, document } of documents)
    for (const node of document.definitions) {
      if (
        node.kind !== Kind.ENUM_TYPE_DEFINITION &&
        node.kind !== Kind.ENUM_TYPE_EXTENSION &&
        node.kind !== Kind.SCALAR_TYPE_DEFINITION &&
        node.kind !== Kind.SCALAR_TYPE_EXTENSION
      )
        continue;
      const requirement = written(module, node.directives);
      const known = found.get(node.name.value);
      if (!isNone(requirement))
        found.set(node.name.value, known === undefined ? requirement : all([known, requirement]));
    }
  return found;
};

/** The named type inside lists and non-null. */
export const nameOfType = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : nameOfType(type.type);

/** An argument or input field in one module. */
export interface InputPart {
  readonly module: string;
  readonly node: InputValueDefinitionNode;
}

/** The fields of input object types from all modules, by type. */
export const inputFields = (documents: readonly ModuleDocument[]): ReadonlyMap<string, readonly InputPart[]> => {
  const found = new Map<string, InputPart[]>();
  for (const { module, document } of documents)
    for (const node of document.definitions) {
      if (node.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION && node.kind !== Kind.INPUT_OBJECT_TYPE_EXTENSION) continue;
      const { value: name } = node.name;
      const parts = (node.fields ?? []).map((field) => ({ module, node: field }));
      found.set(name, [...(found.get(name) ?? []), ...parts]);
    }
  return found;
};

const argumentsIn = ({ module, fields }: TypePart, field: string): readonly InputPart[] =>
  fields
    .filter(({ name }) => name.value === field)
    .flatMap(({ arguments: args = [] }) => args.map((node) => ({ module, node })));

/** The arguments of one field, with those of the same field of the type's interfaces. */
export interface FieldArguments {
  readonly type: string;
  readonly field: string;
  readonly args: readonly InputPart[];
}

/** The arguments of every field of every object type, from all modules. */
export const fieldArguments = (documents: readonly ModuleDocument[]): readonly FieldArguments[] => {
  const parts = typeParts(documents);
  return [
    ...Map.groupBy(
      parts.filter(({ isInterface }) => !isInterface),
      ({ name }) => name,
    ),
  ].flatMap(([type, own]) => {
    const implemented = new Set(own.flatMap(({ interfaces }) => interfaces));
    const above = parts.filter(({ isInterface, name }) => isInterface && implemented.has(name));
    const fields = new Set(own.flatMap(({ fields }) => fields.map(({ name }) => name.value)));
    return [...fields].map((field) => ({
      type,
      field,
      args: [...own, ...above].flatMap((part) => argumentsIn(part, field)),
    }));
  });
};
