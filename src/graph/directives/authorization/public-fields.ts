import { directiveUses, type ModuleDocument, type TypePart, typeParts } from '../type-parts.ts';
import { coordinate } from './requirement.ts';

/** Directive of fields without requirements, for `AUTH_DEFAULT=deny`. */
export const PUBLIC_SDL = `
  "For every caller. AUTH_DEFAULT=deny requires this or a requirement of every field."
  directive @public on FIELD_DEFINITION | OBJECT | INTERFACE
`;

const isPublic = ({ directives }: { readonly directives?: TypePart['directives'] | undefined }): boolean =>
  directiveUses(directives, 'public').length > 0;

/**
 * Coordinates of the fields that are `@public` by themselves, by their type, or by an interface. Each word opens the
 * fields that its own module declares: a module may not know which fields others add to a type, or which types of
 * others implement an interface.
 */
export const publicFields = (documents: readonly ModuleDocument[]): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const parts of documents.map((document) => typeParts([document])))
    for (const { name: type } of parts) {
      const own = parts.filter(({ name }) => name === type);
      const implemented = new Set(own.flatMap(({ interfaces }) => interfaces));
      const all = [...own, ...parts.filter(({ name, isInterface }) => isInterface && implemented.has(name))];
      for (const { fields } of own)
        for (const { name } of fields) {
          const has = (part: TypePart) => part.fields.filter((field) => field.name.value === name.value);
          const isMarked = all.some((part) => has(part).length > 0 && (isPublic(part) || has(part).some(isPublic)));
          if (isMarked || own.some(isPublic)) found.add(coordinate(type, name.value));
        }
    }
  return found;
};
