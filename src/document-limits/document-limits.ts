import { GraphQLError, type ValidationRule } from 'graphql';
import { aliasLimit } from './aliases.ts';
import type { Limit } from './breach.ts';
import { depthLimit } from './depth.ts';
import { directiveLimit } from './directives.ts';
import { readDocument } from './reading.ts';
import { rootFieldLimit } from './root-fields.ts';
import { selectionLimit } from './selections.ts';

/** How much a document may ask for. What is not given is as in DEFAULT_DOCUMENT_LIMITS. */
export interface DocumentLimits {
  /** Words and signs of the text. The parser stops there. */
  readonly maxTokens: number;
  readonly maxDirectives: number;
  readonly maxRootFields: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  /** Fields and spreads, once fragments are written out. */
  readonly maxSelections: number;
}

export const DEFAULT_DOCUMENT_LIMITS: DocumentLimits = {
  maxTokens: 4_000,
  maxDirectives: 50,
  maxRootFields: 20,
  maxDepth: 12,
  maxAliases: 100,
  maxSelections: 10_000,
};

const limitsOf = (limits: DocumentLimits): readonly (readonly [Limit, number])[] => [
  [directiveLimit, limits.maxDirectives],
  [rootFieldLimit, limits.maxRootFields],
  [depthLimit, limits.maxDepth],
  [aliasLimit, limits.maxAliases],
  [selectionLimit, limits.maxSelections],
];

/**
 * Refuses a document that asks for too much, with the limit's own code, before anything else is made of it: validation takes
 * time that grows with the square of what it reads, and one error for each directive that it does not know.
 *
 * The code is that of the `originalError`: Apollo Server writes its own over every code that a rule reports.
 */
export const documentLimits = (limits: DocumentLimits): ValidationRule => {
  const rules = limitsOf(limits);
  return (context) => ({
    Document: (node) => {
      const reading = readDocument(node);
      for (const [limit, most] of rules) {
        const refused = limit(reading, most);
        if (refused === null) continue;
        context.reportError(new GraphQLError(refused.message, { originalError: refused }));
        // A document taken away: no rule is shown anything of it.
        return null;
      }
      return undefined;
    },
  });
};
