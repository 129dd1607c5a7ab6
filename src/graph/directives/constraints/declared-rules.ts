import type { InputValueDefinitionNode } from 'graphql';
import { inputFields } from '../authorization/input-parts.ts';
import { argumentCoordinate, coordinate } from '../authorization/requirement.ts';
import { type ModuleDocument, typeParts } from '../type-parts.ts';
import { type Rules, rulesIn } from './rules.ts';

/** An argument or input field in one module. */
export interface DeclaredInput {
  readonly module: string;
  /** `Type.field(argument:)` or `InputType.field` */
  readonly at: string;
  readonly node: InputValueDefinitionNode;
  readonly rules: Rules | null;
}

/** All arguments, of object and interface types, and all input fields, module by module. */
export const declaredInputs = (documents: readonly ModuleDocument[]): readonly DeclaredInput[] => {
  const declared = (module: string, at: string, node: InputValueDefinitionNode): DeclaredInput => ({
    module,
    at,
    node,
    rules: rulesIn(node.directives),
  });
  const ofArguments = typeParts(documents).flatMap(({ module, name: type, fields }) =>
    fields.flatMap(({ name, arguments: args = [] }) =>
      args.map((node) => declared(module, argumentCoordinate(type, name.value, node.name.value), node)),
    ),
  );
  const ofFields = [...inputFields(documents)].flatMap(([type, parts]) =>
    parts.map(({ module, node }) => declared(module, coordinate(type, node.name.value), node)),
  );
  return [...ofArguments, ...ofFields];
};

/** Rules of all modules, by coordinate. Modules with the same input have the same rules, or the gateway does not start. */
export type InputRules = ReadonlyMap<string, Rules>;

export const inputRulesOf = (documents: readonly ModuleDocument[]): InputRules =>
  new Map(declaredInputs(documents).flatMap(({ at, rules }) => (rules === null ? [] : [[at, rules] as const])));
