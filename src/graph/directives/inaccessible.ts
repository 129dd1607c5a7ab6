import { coordinate } from './authorization/requirement.ts';
import { directiveUses, type ModuleDocument, typeParts } from './type-parts.ts';

/** Directive of visibility, with its meaning in Apollo Federation, for fields of object types. */
export const INACCESSIBLE_SDL = `
  "Hidden from clients. Other modules can name the field in needs, or use it as a key."
  directive @inaccessible on FIELD_DEFINITION
`;

/** Coordinates of the fields that clients do not see: those that at least one module declares @inaccessible. */
export const inaccessibleFields = (documents: readonly ModuleDocument[]): ReadonlySet<string> =>
  new Set(
    typeParts(documents).flatMap(({ name, isInterface, fields }) =>
      fields
        .filter(({ directives }) => !isInterface && directiveUses(directives, 'inaccessible').length > 0)
        .map((field) => coordinate(name, field.name.value)),
    ),
  );
