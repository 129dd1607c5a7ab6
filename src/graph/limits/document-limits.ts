import { GraphQLError, type ValidationRule } from 'graphql';
import { GatewayError } from '../../core/errors.ts';
import { comparedPairs, MAX_COMPARED } from './compared-fields.ts';
import type { DocumentTotals } from './document-cost.ts';
import { readDocument } from './document-cost.ts';

/** Returns the error of a document that exceeds a limit; null for others. */
export type DocumentLimit = (document: DocumentTotals, most: number) => GatewayError | null;

type LimitCode = 'DEPTH_LIMIT' | 'ALIAS_LIMIT' | 'ROOT_FIELD_LIMIT' | 'DIRECTIVE_LIMIT' | 'COST_LIMIT';

/** Messages contain the limit, not the count: with expanded fragments it can have many digits. */
const breach = (code: LimitCode, message: string): GatewayError => new GatewayError(code, message);

/** Limit of an operation's size with expanded fragments: a short document can select a billion fields. */
export const selectionLimit: DocumentLimit = ({ operations }, most) =>
  operations.some(({ selections }) => selections > most)
    ? breach('COST_LIMIT', `The operation selects more than ${most} fields with expanded fragments.`)
    : null;

/**
 * Limit of root fields of an operation: each may cause a call of its own. Fields below the root are bounded by the limits
 * of aliases and selections, also those of a nested `Query`.
 */
export const rootFieldLimit: DocumentLimit = ({ operations }, most) =>
  operations.some(({ rootFields }) => rootFields > most)
    ? breach('ROOT_FIELD_LIMIT', `The operation has more than ${most} root fields.`)
    : null;

/** Limit of directives in a document, known and unknown. */
export const directiveLimit: DocumentLimit = ({ directives }, most) =>
  directives > most ? breach('DIRECTIVE_LIMIT', `The document has more than ${most} directives.`) : null;

/** Limit of the depth of fields, with expanded fragments. graphql-js limits introspection. */
export const depthLimit: DocumentLimit = ({ operations }, most) =>
  operations.some(({ depth }) => depth > most)
    ? breach('DEPTH_LIMIT', `Fields are nested more than ${most} levels deep.`)
    : null;

/** Limit of aliased and repeated fields of an operation. */
export const aliasLimit: DocumentLimit = ({ operations }, most) =>
  operations.some(({ aliases }) => aliases > most)
    ? breach('ALIAS_LIMIT', `The operation has more than ${most} aliases and repeated fields.`)
    : null;

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

const limitsOf = (limits: DocumentLimits): readonly (readonly [DocumentLimit, number])[] => [
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
      if (comparedPairs(node) <= MAX_COMPARED) return undefined;
      const refused = breach('COST_LIMIT', 'The operation repeats the same fields at one place too often.');
      context.reportError(new GraphQLError(refused.message, { originalError: refused }));
      return null;
    },
  });
};
