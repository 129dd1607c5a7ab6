import { isInputObjectType, isInterfaceType, isObjectType, print, valueFromAST } from 'graphql';
import type { ModuleSdl } from '../../compose/sdl.ts';
import { argumentCoordinate, coordinate } from '../../directives/authorization/requirement.ts';
import type { DeclaredInput } from '../../directives/constraints/declared-rules.ts';
import { Findings } from '../../directives/constraints/findings.ts';
import { InputChecks, type ValueCheck } from '../../directives/constraints/input-checks.ts';
import { inSdl, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { schemaOfSdl } from '../sdl.ts';

/** Checks by coordinate, of all inputs of a module with a rule at any depth; with the type for the default. */
const checksIn = (sdl: ModuleSdl, inputs: readonly DeclaredInput[]) => {
  const found = new Map<string, readonly [Parameters<typeof valueFromAST>[1], ValueCheck]>();
  const schema = schemaOfSdl(sdl);
  if (schema === null) return found;
  const rules = new Map(inputs.flatMap(({ at, rules }) => (rules === null ? [] : [[at, rules] as const])));
  const checks = new InputChecks(schema, rules);
  for (const type of Object.values(schema.getTypeMap()))
    if (isInputObjectType(type))
      for (const { name, type: of } of Object.values(type.getFields())) {
        const check = checks.ofInputField(type.name, name, of);
        if (check !== null) found.set(coordinate(type.name, name), [of, check]);
      }
    else if (isObjectType(type) || isInterfaceType(type))
      for (const field of Object.values(type.getFields()))
        for (const { name, type: of } of field.args) {
          const check = checks.ofArgument(type.name, field.name, name, of);
          if (check !== null) found.set(argumentCoordinate(type.name, field.name, name), [of, check]);
        }
  return found;
};

/** Reports defaults of arguments and input fields that break the rules of the input, or of fields inside it. */
export const brokenDefaults = (
  reading: ParsedModule,
  sdl: ModuleSdl,
  inputs: readonly DeclaredInput[],
): readonly ModuleProblem[] => {
  if (inputs.every(({ rules }) => rules === null)) return [];
  const checks = checksIn(sdl, inputs);
  return inputs.flatMap(({ at, node: { name, defaultValue } }) => {
    const known = checks.get(at);
    if (known === undefined || defaultValue === undefined) return [];
    const [type, check] = known;
    const findings = new Findings();
    check(valueFromAST(defaultValue, type), { above: null, key: name.value }, findings);
    return findings.violations.map(({ message }) =>
      inSdl(
        reading,
        defaultValue,
        `the default ${print(defaultValue)} of ${at} breaks its rules: ${message.replace(/\.$/, '')}`,
        'correct the default or the rule',
      ),
    );
  });
};
