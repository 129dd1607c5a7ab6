import {
  type ASTNode,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  Kind,
  type NameNode,
  visit,
} from 'graphql';
import { inSdl, type ParsedModule } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';

const MEMBERS: ReadonlySet<string> = new Set([
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
]);

const OBJECTS: ReadonlySet<string> = new Set([Kind.OBJECT_TYPE_DEFINITION, Kind.OBJECT_TYPE_EXTENSION]);

const definedName = (node: ASTNode): NameNode | undefined =>
  (isTypeSystemDefinitionNode(node) || isTypeSystemExtensionNode(node) || MEMBERS.has(node.kind)) && 'name' in node
    ? node.name
    : undefined;

/** Reports valid SDL that a module must not contain: reserved names and unsupported features. */
export const reserved = (reading: ParsedModule): readonly ModuleProblem[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const problems: ModuleProblem[] = [];
  const add = (at: ASTNode, problem: string, fix: string) => problems.push(inSdl(reading, at, problem, fix));
  visit(reading.sdl.sdl.document, {
    enter: (node) => {
      const name = definedName(node);
      if (name?.value.startsWith('_'))
        add(name, `the name ${name.value} is reserved, because it begins with "_"`, 'rename it');
      if (name?.value === 'Subscription' && OBJECTS.has(node.kind))
        add(name, 'subscriptions are not supported yet', 'remove the Subscription type');
      if (node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION)
        add(
          node,
          'a module must not contain a `schema` definition',
          'remove it, and name the root types Query and Mutation',
        );
      if (node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION)
        add(node, 'an operation or fragment is not part of a schema', 'remove it');
    },
  });
  return problems;
};
