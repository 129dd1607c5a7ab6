import { buildASTSchema, type DocumentNode, GraphQLError, KnownDirectivesRule, validateSchema } from 'graphql';
import { specifiedSDLRules } from 'graphql/validation/specifiedRules.js';
import { validateSDL } from 'graphql/validation/validate.js';
import type { GraphqlUpstream } from '../../../backend/define/upstream-options.ts';
import { readServiceSdl, serviceFile } from '../../../backend/remote/service-schema.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';

// The SDL of a federated subgraph has directives that it does not declare.
const RULES = specifiedSDLRules.filter(
  (rule) => rule !== KnownDirectivesRule && rule.name !== 'ProvidedRequiredArgumentsOnDirectivesRule',
);

const errorsIn = (document: DocumentNode): readonly GraphQLError[] => {
  const ofDocument = validateSDL(document, null, RULES);
  if (ofDocument.length > 0) return ofDocument;
  try {
    return validateSchema(buildASTSchema(document, { assumeValidSDL: true }));
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
};

const errorsOfFile = (file: string): readonly GraphQLError[] | null => {
  try {
    return errorsIn(readServiceSdl(file));
  } catch (error) {
    return error instanceof GraphQLError ? [error] : null;
  }
};

/** Reports the SDL of a service that cannot be read, or is no valid schema. */
export const wrongServiceSdl = (
  reading: ParsedModule,
  upstream: string,
  definition: GraphqlUpstream,
): readonly ModuleProblem[] => {
  // A value that is no text is reported as a wrong option.
  if (typeof definition.schema !== 'string' || definition.schema === '') return [];
  const file = serviceFile(reading.module, definition);
  const errors = errorsOfFile(file);
  if (errors === null) {
    const problem = `upstream ${upstream}: ${definition.schema} cannot be read`;
    return [inIndex(reading, problem, "write the service's SDL there, or correct the path")];
  }
  return errors.map(({ message, locations }) => ({
    file,
    location: locations?.at(-1) ?? null,
    problem: `upstream ${upstream}: ${message.replace(/\.$/, '')}`,
    fix: "export the service's SDL again, or correct it here",
  }));
};
