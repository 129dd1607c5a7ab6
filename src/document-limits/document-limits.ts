import { GraphQLError, type ValidationRule } from 'graphql';
import { aliasLimit } from './aliases.ts';
import type { Limit } from './breach.ts';
import { depthLimit } from './depth.ts';
import { directiveLimit } from './directives.ts';
import { readDocument } from './reading.ts';
import { rootFieldLimit } from './root-fields.ts';
import { selectionLimit } from './selections.ts';

/** Limits of a document. Defaults: DEFAULT_DOCUMENT_LIMITS. */
export interface DocumentLimits {
  /** Number of lexical tokens. The parser stops there. */
  readonly maxTokens: number;
  readonly maxDirectives: number;
  readonly maxRootFields: number;
  readonly maxDepth: number;
  readonly maxAliases: number;
  /** Fields and spreads, with expanded fragments. */
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
 * Refuses a document over a limit, with the code of that limit, before any other rule: validation takes quadratic time,
 * and reports an error for each unknown directive.
 *
 * The code is that of the `originalError`: Apollo Server overwrites every code that a rule reports.
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
        // Null removes the document, so that other rules visit nothing of it.
        return null;
      }
      return undefined;
    },
  });
};
