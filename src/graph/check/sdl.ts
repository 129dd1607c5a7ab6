import { buildASTSchema, type DocumentNode, GraphQLError, type GraphQLSchema, parse, validateSchema } from 'graphql';
import { validateSDL } from 'graphql/validation/validate.js';
import { USUAL_SCALARS } from '../../backend/define/scalars/built-in-scalars.ts';
import type { ModuleSdl } from '../compose/sdl.ts';
import { DIRECTIVE_DEFINITIONS } from '../directives/definitions.ts';
import { wrongDefaults } from './default-values.ts';
import { inSdl, type ParsedModule } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';

const FIXES: readonly (readonly [RegExp, string])[] = [
  [
    /^Unknown type/,
    'correct the name, or define the type here; for a type of another module the key fields are enough',
  ],
  [/^Unknown directive/, 'correct the name, or declare the directive here'],
  [/^Unknown argument .* on directive/, 'correct the name, or remove the argument'],
  [/^Cannot extend type/, 'write `type` instead of `extend type`; `merge` joins the fields of several modules'],
  [/contains itself$/, 'set the field in the default, for example to null'],
  [/^The default .* does not fit/, 'use a value of that type, or remove the default'],
  [/^The default .* exactly/, 'use a number that fits in a double'],
  [/only one|only be defined once|already|more than one|only include|once\./, 'keep one of them'],
  [/does not provide it|must define one or more|must implement/, 'add what is missing'],
];

/** The file of the last position of an error. */
const fileOf = ({ nodes, source }: GraphQLError): string | undefined => (nodes?.at(-1)?.loc?.source ?? source)?.name;

const described = (reading: ParsedModule, error: GraphQLError): ModuleProblem => {
  const [problem = '', hint] = error.message.split(/\.? Did you mean /);
  const fix = FIXES.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'correct the SDL here';
  // The last of several positions: the repetition, or the type that falls short of its interface.
  const location = error.locations?.at(-1);
  const at = location === undefined ? null : { ...location, file: fileOf(error) ?? reading.module.typeDefs.file };
  return inSdl(reading, at, problem.replace(/\.$/, ''), hint === undefined ? fix : `${fix} (did you mean ${hint})`);
};

/**
 * Completes the SDL with the built-in scalars and directives, and with a Query type, which another module may define.
 * Undefined types are added as scalars, so that they do not hide other problems.
 */
const completed = ({ document, undeclared }: ModuleSdl): DocumentNode => {
  const implied = undeclared.map((name) => `scalar ${name}`);
  const hasQuery = document.definitions.some((node) => 'name' in node && node.name?.value === 'Query');
  if (!hasQuery) implied.push('type Query { implied: Boolean }');
  implied.push(DIRECTIVE_DEFINITIONS);
  const { definitions } = parse(implied.join('\n'), { noLocation: true });
  return { ...document, definitions: [...document.definitions, ...definitions] };
};

/** The schema of a module's SDL, without resolvers; null if the SDL is not valid. */
export const schemaOfSdl = (sdl: ModuleSdl): GraphQLSchema | null => {
  try {
    const schema = buildASTSchema(completed(sdl), { assumeValidSDL: true });
    return validateSchema(schema).length === 0 ? schema : null;
  } catch {
    return null; // the errors are reported for the SDL
  }
};

const errorsOfSchema = (document: DocumentNode): readonly GraphQLError[] => {
  try {
    const schema = buildASTSchema(document, { assumeValidSDL: true });
    return [...validateSchema(schema), ...wrongDefaults(schema)];
  } catch (error) {
    if (error instanceof GraphQLError) return [error]; // a wrong argument of @deprecated, for example
    // graphql-js overflows the stack.
    if (error instanceof RangeError) return [new GraphQLError('The default of an input field contains itself')];
    throw error;
  }
};

const errorsIn = (sdl: ModuleSdl): readonly GraphQLError[] => {
  const unknown = sdl.undeclared.filter((name) => !Object.hasOwn(USUAL_SCALARS, name));
  const builtIn = sdl.undeclared.filter((name) => Object.hasOwn(USUAL_SCALARS, name));
  const ofDocument = validateSDL(completed({ ...sdl, undeclared: builtIn }));
  const ofSchema = errorsOfSchema(completed(sdl));
  const placeOf = (error: GraphQLError): string => `${fileOf(error)}:${error.positions?.at(-1)}`;
  const reported = new Set(ofDocument.map(placeOf));
  // True for errors that only follow from an error that is already reported.
  const follows = (error: GraphQLError): boolean =>
    reported.has(placeOf(error)) || error.message.match(/\w+/g)?.some((word) => unknown.includes(word)) === true;
  return [...ofDocument, ...ofSchema.filter((error) => !follows(error))];
};

// reserved-names.ts reports reserved names, also those that graphql-js allows.
const isReservedName = ({ message }: GraphQLError): boolean => message.includes('must not begin with "__"');

/** Reports syntax errors, and SDL that is no valid schema by itself. */
export const invalidSdl = (reading: ParsedModule): readonly ModuleProblem[] => {
  const errors = reading.sdl.is === 'unreadable' ? [reading.sdl.error] : errorsIn(reading.sdl.sdl);
  return errors.filter((error) => !isReservedName(error)).map((error) => described(reading, error));
};
