import { breach, type Limit } from './breach.ts';

/** Limit of directives in a document, known and unknown. */
export const directiveLimit: Limit = ({ directives }, most) =>
  directives > most ? breach('DIRECTIVE_LIMIT', `The document has more than ${most} directives.`) : null;
