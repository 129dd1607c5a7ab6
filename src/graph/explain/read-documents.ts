import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoUnusedFragmentsRule,
  parse,
  Source,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { type DocumentLimits, documentLimits } from '../limits/document-limits.ts';
import { reservedAliases } from '../limits/reserved-aliases.ts';

/** A text that may be a GraphQL document, and its name. */
export interface DocumentText {
  readonly name: string;
  readonly text: string;
}

export interface ReadDocuments {
  /** Documents with operations, each with the fragments it needs. */
  readonly documents: readonly DocumentNode[];
  /** Errors as `<name>:<line>:<column>  <message>`. */
  readonly problems: readonly string[];
}

const problemText = (error: GraphQLError, { name }: DocumentText): string => {
  const [place] = error.locations ?? [];
  const at = [error.source?.name ?? name, ...(place === undefined ? [] : [place.line, place.column])];
  return `${at.join(':')}  ${error.message}`;
};

const fragmentsIn = ({ definitions }: DocumentNode): readonly FragmentDefinitionNode[] =>
  definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);

const spreadIn = (node: DocumentNode | FragmentDefinitionNode): readonly string[] => {
  const names: string[] = [];
  visit(node, { FragmentSpread: ({ name }) => void names.push(name.value) });
  return names;
};

/** Returns a document with the shared fragments that it spreads, directly or through other fragments. */
const completed = (document: DocumentNode, shared: readonly FragmentDefinitionNode[]): DocumentNode => {
  const own = new Set(fragmentsIn(document).map(({ name }) => name.value));
  const needed = new Set<FragmentDefinitionNode>();
  const need = (name: string): void => {
    if (own.has(name)) return;
    for (const fragment of shared) {
      if (fragment.name.value !== name || needed.has(fragment)) continue;
      needed.add(fragment);
      spreadIn(fragment).forEach(need);
    }
  };
  spreadIn(document).forEach(need);
  return { ...document, definitions: [...document.definitions, ...needed] };
};

/** Parses and validates documents with the gateway's limits. Texts with fragments only are shared by all others. */
export const readDocuments = (
  texts: readonly DocumentText[],
  schema: GraphQLSchema,
  limits: DocumentLimits,
): ReadDocuments => {
  const problems = new Set<string>();
  const parsed = texts.flatMap((from) => {
    try {
      const document = parse(new Source(from.text, from.name), { maxTokens: limits.maxTokens });
      return [{ from, document, isShared: fragmentsIn(document).length === document.definitions.length }];
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      problems.add(problemText(error, from));
      return [];
    }
  });
  const shared = parsed.flatMap(({ document, isShared }) => (isShared ? fragmentsIn(document) : []));
  const rules = [...specifiedRules, documentLimits(limits), reservedAliases];
  const documents: DocumentNode[] = [];
  for (const { from, document, isShared } of parsed) {
    const complete = completed(document, shared);
    const kept = isShared ? rules.filter((rule) => rule !== NoUnusedFragmentsRule) : rules;
    for (const error of validate(schema, complete, kept)) problems.add(problemText(error, from));
    if (!isShared) documents.push(complete);
  }
  return { documents, problems: [...problems] };
};
