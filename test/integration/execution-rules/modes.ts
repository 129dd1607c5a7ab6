import { makeExecutableSchema } from '@graphql-tools/schema';
import { execute, GraphQLError, type GraphQLFormattedError, GraphQLScalarType, parse, validate } from 'graphql';
import type { SchemaModule } from '../../../src/backend/define/module.ts';
import { isEnumeration } from '../../../src/backend/define/scalars/enumeration.ts';
import { withSdlDefaults } from '../../../src/graph/compose/sdl-defaults.ts';
import { type Execution, executedBy } from '../../support/gateway/executed.ts';
import { plain } from '../../support/modules/small-modules.ts';
import type { Outcome, Rule } from './rule.ts';

type Result = Pick<Outcome, 'data' | 'errors' | 'located'>;

/** Executes an operation over one module. */
type Execute = (rule: Rule, resolvers: SchemaModule['resolvers']) => Promise<Result>;

interface Mode {
  readonly name: string;
  readonly execute: Execute;
  /** True if errors have the path and locations of the failed field, not of the null that it caused. */
  readonly isExact: boolean;
}

const place = ({ path }: GraphQLFormattedError): string => path?.join('.') ?? 'request';

const resultOf = (data: unknown, errors: readonly GraphQLFormattedError[] = []): Result => ({
  data: data === undefined ? undefined : JSON.stringify(data),
  errors: errors.map(place).sort(),
  located: errors
    .map((error) => `${place(error)} at ${(error.locations ?? []).map(({ line, column }) => `${line}:${column}`)}`)
    .sort(),
});

const refused = (errors: readonly GraphQLError[]): Result =>
  resultOf(
    undefined,
    errors.map((error) => error.toJSON()),
  );

/** Resolvers in the form that graphql-tools expects. */
const plainResolvers = (resolvers: SchemaModule['resolvers']) =>
  Object.fromEntries(
    Object.entries(resolvers).map(([name, given]) => {
      if (given instanceof GraphQLScalarType) return [name, new GraphQLScalarType({ ...given.toConfig(), name })];
      return [name, isEnumeration(given) ? given.values : given];
    }),
  );

/** graphql-js over its own schema: no gateway, no delegation. */
export const byGraphqlJs: Execute = async ({ sdl, document, variables, operationName }, resolvers) => {
  const options = { typeDefs: sdl, resolvers: plainResolvers(resolvers) as never };
  const schema = withSdlDefaults(makeExecutableSchema(options));
  try {
    const parsed = parse(document);
    const errors = validate(schema, parsed);
    if (errors.length > 0) return refused(errors);
    const given = { variableValues: variables ?? {}, operationName: operationName ?? null };
    const result = await execute({ schema, document: parsed, ...given });
    return resultOf(
      result.data,
      result.errors?.map((error) => error.toJSON()),
    );
  } catch (error) {
    if (error instanceof GraphQLError) return refused([error]);
    throw error;
  }
};

const byGateway =
  (execution: Execution): Execute =>
  async ({ sdl, document, variables, operationName }, resolvers) => {
    const runQuery = executedBy(execution, [plain('ruled', sdl, { resolvers })]);
    const { data, errors } = await runQuery(document, variables, operationName);
    return resultOf(data, errors);
  };

/** Execution modes, all of which must obey the rules. */
export const MODES: readonly Mode[] = [
  { name: 'graphql-js', execute: byGraphqlJs, isExact: true },
  // Delegation knows the place of the null that an error caused, but not always the failed field.
  { name: 'reference', execute: byGateway('reference'), isExact: false },
  { name: 'compiled', execute: byGateway('compiled'), isExact: true },
];

export const run = async (execute: Execute, rule: Rule): Promise<Outcome> => {
  const calls: string[] = [];
  // Resolvers of a rule type their parent and arguments as they need.
  const resolvers = (rule.resolvers?.((call) => calls.push(call)) ?? {}) as SchemaModule['resolvers'];
  return { ...(await execute(rule, resolvers)), calls };
};
