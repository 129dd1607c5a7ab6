import type { FieldDefinitionNode } from 'graphql';
import { directiveUses } from './type-parts.ts';

/** Directive of composition, with its meaning in Apollo Federation, for fields of object types. */
export const SHAREABLE_SDL = `
  "Provided by several modules, with the same value in each. All of them declare it."
  directive @shareable on FIELD_DEFINITION
`;

export const isShareable = ({ directives }: FieldDefinitionNode): boolean =>
  directiveUses(directives, 'shareable').length > 0;
