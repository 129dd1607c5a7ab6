import {
  buildASTSchema,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  KnownDirectivesRule,
  parse,
  validateSchema,
} from 'graphql';
import { specifiedSDLRules } from 'graphql/validation/specifiedRules.js';
import { validateSDL } from 'graphql/validation/validate.js';
import { USUAL_SCALARS } from '../../../backend/define/scalars/built-in-scalars.ts';
import { parseSdlParts, type Sdl, sdlOf } from '../../../backend/sdl/sdl.ts';
import { ConfigurationError } from '../../../core/errors.ts';
import { problemLine, throwProblems } from '../problems.ts';
import { defaultProblems } from './defaults.ts';

/** A module's valid SDL. */
export interface ParsedSdl {
  readonly schema: GraphQLSchema;
  /** Names of the types that the file defines, extends or imports, in its order. */
  readonly typeNames: readonly string[];
  /** Paths of the files that it imports from. */
  readonly imports: readonly string[];
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [/^Syntax Error/, 'Correct the SDL here.'],
  [
    /^Unknown type/,
    'Correct the name, or define the type in this file; for a type of another module the key fields are enough.',
  ],
  [/only one|defined once|already|more than one/i, 'Keep one of them.'],
  [/does not provide it|must define one or more/, 'Add what is missing.'],
];

const fixFor = (problem: string): string =>
  FIXES.find(([pattern]) => pattern.test(problem))?.[1] ?? 'Correct the SDL here.';

// The last of several locations: the repetition, or the incomplete definition.
const described = (file: string, error: GraphQLError): string =>
  problemLine(
    (error.nodes?.at(-1)?.loc?.source ?? error.source)?.name ?? file,
    error.locations?.at(-1) ?? { line: 1, column: 1 },
    error.message,
    fixFor(error.message),
  );

const offset = ({ positions }: GraphQLError): number => positions?.at(-1) ?? 0;

const KEYWORDS: Readonly<Record<string, string>> = {
  [Kind.OBJECT_TYPE_EXTENSION]: 'type',
  [Kind.INTERFACE_TYPE_EXTENSION]: 'interface',
  [Kind.UNION_TYPE_EXTENSION]: 'union',
  [Kind.ENUM_TYPE_EXTENSION]: 'enum',
  [Kind.INPUT_OBJECT_TYPE_EXTENSION]: 'input',
  [Kind.SCALAR_TYPE_EXTENSION]: 'scalar',
};

/** Adds definitions that the file may omit: built-in scalars, and types that it only extends. */
const withImplied = (document: DocumentNode): DocumentNode => {
  const defined = new Set(document.definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value));
  const implied = new Map<string, string>();
  for (const node of document.definitions.filter(isTypeExtensionNode))
    if (!defined.has(node.name.value)) implied.set(node.name.value, `${KEYWORDS[node.kind]} ${node.name.value}`);
  for (const name of Object.keys(USUAL_SCALARS)) if (!defined.has(name)) implied.set(name, `scalar ${name}`);
  const { definitions } = parse([...implied.values()].join('\n'), { noLocation: true });
  return { ...document, definitions: [...definitions, ...document.definitions] };
};

// Unknown directives may belong to the gateway or another tool. They do not affect types.
const RULES = specifiedSDLRules.filter((rule) => rule !== KnownDirectivesRule);

/** A module may have no Query and only extend types of others. */
const isMissingQuery = ({ message }: GraphQLError): boolean => message === 'Query root type must be provided.';

/**
 * Reads a module's SDL.
 *
 * @throws ConfigurationError with all problems and their positions.
 */
export const parseSdl = (file: string, text: string): ParsedSdl => {
  const throwAll = (errors: readonly GraphQLError[]) =>
    throwProblems(
      'The SDL is not valid:',
      errors.toSorted((one, other) => offset(one) - offset(other)).map((error) => described(file, error)),
    );
  const sdl = read(file, text);
  const document = parsed(sdl, throwAll);
  const complete = withImplied(document);
  throwAll(validateSDL(complete, null, RULES));
  const schema = buildASTSchema(complete, { assumeValidSDL: true });
  throwAll([...validateSchema(schema).filter((error) => !isMissingQuery(error)), ...defaultProblems(schema)]);
  const own = document.definitions.filter((node) => isTypeDefinitionNode(node) || isTypeExtensionNode(node));
  const imports = (sdl.imported ?? []).map((part) => part.file);
  return { schema, typeNames: [...new Set(own.map(({ name }) => name.value))], imports };
};

const read = (file: string, text: string): Sdl => {
  try {
    return sdlOf(text, file);
  } catch (error) {
    throw new ConfigurationError('The SDL is not valid:', [error instanceof Error ? error.message : String(error)]);
  }
};

const parsed = (sdl: Sdl, throwAll: (errors: readonly GraphQLError[]) => void): DocumentNode => {
  try {
    return parseSdlParts(sdl);
  } catch (error) {
    if (error instanceof GraphQLError) throwAll([error]);
    throw error;
  }
};
