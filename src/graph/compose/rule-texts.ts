import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { type GraphQLInputType, type GraphQLSchema, getNullableType, isListType } from 'graphql';
import { argumentCoordinate, coordinate } from '../directives/authorization/requirement.ts';
import type { InputRules } from '../directives/constraints/declared-rules.ts';
import { ruleText } from '../directives/constraints/value-rules.ts';

/** Adds the rules of arguments and input fields to their descriptions: introspection shows no applied directives. */
export const withRuleTexts = (schema: GraphQLSchema, rules: InputRules): GraphQLSchema => {
  if (rules.size === 0) return schema;
  const described = <Input extends { type: GraphQLInputType; description?: string | null | undefined }>(
    input: Input,
    at: string,
  ): Input => {
    const own = rules.get(at);
    if (own === undefined) return input;
    const text = ruleText(own, isListType(getNullableType(input.type)));
    return { ...input, description: input.description ? `${input.description}\n\n${text}` : text };
  };
  return mapSchema(schema, {
    [MapperKind.COMPOSITE_FIELD]: (config, field, type) => ({
      ...config,
      args: Object.fromEntries(
        Object.entries(config.args ?? {}).map(([name, arg]) => [
          name,
          described(arg, argumentCoordinate(type, field, name)),
        ]),
      ),
    }),
    [MapperKind.INPUT_OBJECT_FIELD]: (config, field, type) => described(config, coordinate(type, field)),
  });
};
