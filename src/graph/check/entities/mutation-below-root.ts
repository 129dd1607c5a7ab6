import { type ASTNode, type DefinitionNode, Kind } from 'graphql';
import { namedType } from '../../compose/sdl.ts';
import { inSdl, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

const MUTATION = 'Mutation';

interface Way {
  readonly at: ASTNode;
  readonly problem: string;
  readonly fix: string;
}

/** Returns the places of a definition that lead to the mutation root type. */
const waysIn = (node: DefinitionNode): readonly Way[] => {
  switch (node.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION: {
      const type = node.name.value;
      const fields = (node.fields ?? []).filter((field) => namedType(field.type) === MUTATION);
      const interfaces = type === MUTATION ? (node.interfaces ?? []) : [];
      return [
        ...interfaces.map((at) => ({
          at,
          problem: `${MUTATION} implements ${at.name.value}`,
          fix: `remove ${at.name.value} here`,
        })),
        ...fields.map(({ name }) => ({
          at: name,
          problem: `${type}.${name.value} returns ${MUTATION}`,
          fix: 'remove the field, or return Query',
        })),
      ];
    }
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION:
      return (node.types ?? [])
        .filter(({ name }) => name.value === MUTATION)
        .map((at) => ({ at, problem: `${MUTATION} is in the union ${node.name.value}`, fix: 'remove it here' }));
    default:
      return [];
  }
};

/**
 * Reports every way to the mutation root type below the root: a query could write through it, by GET too, and its
 * fields would run in parallel.
 */
export const mutationsBelowRoot = (reading: ParsedModule): readonly ModuleProblem[] => {
  if (reading.sdl.is === 'unreadable') return [];
  return reading.sdl.sdl.document.definitions
    .flatMap(waysIn)
    .map(({ at, problem, fix }) => inSdl(reading, at, `${problem}, so that a query could write`, fix));
};
