import { breach, type Limit } from './breach.ts';

/** How many directives a document may have, known or not. */
export const directiveLimit: Limit = ({ directives }, most) =>
  directives > most ? breach('DIRECTIVE_LIMIT', `The document has more than ${most} directives.`) : null;
