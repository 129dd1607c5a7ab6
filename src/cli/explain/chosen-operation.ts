import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';
import { UsageError } from '../command/exit-code.ts';

/** The operation of a document with this name, or its only one. @throws UsageError that lists the names */
export const chosenOperation = (document: DocumentNode, name: string | undefined): OperationDefinitionNode => {
  const all = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [first, ...others] = name === undefined ? all : all.filter((node) => node.name?.value === name);
  if (first !== undefined && others.length === 0) return first;
  const names = all.map((node) => node.name?.value ?? '(without a name)').join(', ');
  throw new UsageError(`Choose an operation with --operation: the document has ${names}.`);
};
