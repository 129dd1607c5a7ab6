import { type InputValueDefinitionNode, Kind, type TypeNode } from 'graphql';
import { linearPattern } from '../../../core/linear-pattern.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { namedType } from '../../compose/sdl.ts';
import { type DeclaredInput, declaredInputs } from '../../directives/constraints/declared-rules.ts';
import { FORMATS } from '../../directives/constraints/formats.ts';
import {
  ITEM_RULES,
  isMatched,
  LENGTH_RULES,
  MATCHED_LENGTH,
  NUMBER_RULES,
  type Rules,
  type RuleTarget,
  TEXT_RULES,
  targetOf,
} from '../../directives/constraints/rules.ts';
import { directiveUses } from '../../directives/type-parts.ts';
import { inSdl, type ParsedModule } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';
import { brokenDefaults } from './broken-defaults.ts';

type Found = readonly (readonly [problem: string, fix: string])[];

const TEXT_TYPES: readonly string[] = ['String', 'ID'];
const NUMBER_TYPES: readonly string[] = ['Int', 'Float'];

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.LIST_TYPE || (type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE);

const fits = (target: RuleTarget, type: TypeNode): boolean => {
  if (target === 'items') return isList(type);
  return (target === 'text' ? TEXT_TYPES : NUMBER_TYPES).includes(namedType(type));
};

const FITTING: Readonly<Record<RuleTarget, string>> = {
  text: `${listed(TEXT_TYPES)}, and lists of them`,
  number: `${listed(NUMBER_TYPES)}, and lists of them`,
  items: 'lists',
};

const wrongTarget = ({ at, node }: DeclaredInput, rule: string): Found =>
  fits(targetOf(rule), node.type)
    ? []
    : [[`${rule} of ${at} does not fit its type ${namedType(node.type)}`, `it applies to ${FITTING[targetOf(rule)]}`]];

const isCount = (limit: unknown): boolean => typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 0;

const wrongLimit = (at: string, rule: string, limit: unknown): Found => {
  const wrong = (fix: string): Found => [[`${rule} of ${at} is ${JSON.stringify(limit)}`, fix]];
  if (LENGTH_RULES.has(rule) || ITEM_RULES.has(rule)) return isCount(limit) ? [] : wrong('use an integer of 0 or more');
  if (NUMBER_RULES.has(rule)) {
    if (typeof limit !== 'number' || !Number.isFinite(limit)) return wrong('use a number');
    return rule === 'multipleOf' && limit <= 0 ? wrong('use a number above 0') : [];
  }
  if (!TEXT_RULES.has(rule)) return []; // reported as an unknown argument of the directive
  return typeof limit === 'string' && limit !== '' ? [] : wrong('use a text that is not empty');
};

const wrongPattern = (at: string, pattern: string): Found => {
  try {
    linearPattern(pattern);
    return [];
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'invalid';
    return [
      [
        `the pattern of ${at} cannot be used: ${reason}`,
        'use the syntax of RE2, without backreferences, lookaround and repetitions above 1000',
      ],
    ];
  }
};

const wrongFormat = (at: string, format: string): Found => {
  if (FORMATS.has(format)) return [];
  const names = [...FORMATS.keys()];
  const near = nearestSuggestion(format, names);
  return [[`unknown format "${format}" of ${at}`, `use ${near === null ? `one of ${listed(names)}` : `"${near}"`}`]];
};

const wrongMatched = (at: string, rules: Rules): Found => {
  const maxLength = Number(rules.get('maxLength') ?? 0);
  if (maxLength <= MATCHED_LENGTH.max || ![...rules].some(([rule, limit]) => isMatched(rule, limit))) return [];
  return [
    [
      `maxLength of ${at} is ${maxLength}, too long for a pattern or format`,
      `use at most ${MATCHED_LENGTH.max}, or remove the pattern or format`,
    ],
  ];
};

/** Pairs of rules that no value meets together if the first limit is above the second, or equal where `strict`. */
const RANGES: readonly (readonly [low: string, high: string, strict: boolean])[] = [
  ['minLength', 'maxLength', false],
  ['minItems', 'maxItems', false],
  ['min', 'max', false],
  ['min', 'exclusiveMax', true],
  ['exclusiveMin', 'max', true],
  ['exclusiveMin', 'exclusiveMax', true],
];

const emptyRanges = (at: string, rules: Rules): Found =>
  RANGES.flatMap(([low, high, strict]): Found => {
    const [from, to] = [rules.get(low), rules.get(high)];
    if (typeof from !== 'number' || typeof to !== 'number' || from < to || (from === to && !strict)) return [];
    return [[`no value of ${at} can meet ${low} ${from} and ${high} ${to}`, 'correct one of them']];
  });

const wrongIn = (input: DeclaredInput): Found => {
  const { at, node, rules } = input;
  if (rules === null)
    return directiveUses(node.directives, 'constraint').length === 0
      ? []
      : [[`@constraint of ${at} has no rule`, 'add a rule, or remove the directive']];
  const [pattern, format] = [rules.get('pattern'), rules.get('format')];
  return [
    ...[...rules].flatMap(([rule, limit]) => [...wrongTarget(input, rule), ...wrongLimit(at, rule, limit)]),
    ...(typeof pattern === 'string' ? wrongPattern(at, pattern) : []),
    ...(typeof format === 'string' ? wrongFormat(at, format) : []),
    ...emptyRanges(at, rules),
    ...wrongMatched(at, rules),
  ];
};

const placeOf = (node: InputValueDefinitionNode) =>
  node.directives?.find(({ name }) => name.value === 'constraint') ?? node;

/** Reports rules of one module that cannot hold, and defaults that break their rules. */
export const wrongConstraints = (reading: ParsedModule): readonly ModuleProblem[] => {
  const { sdl, module } = reading;
  if (sdl.is === 'unreadable') return [];
  const inputs = declaredInputs([{ module: module.name, document: sdl.sdl.document }]);
  const problems = inputs.flatMap((input) =>
    wrongIn(input).map(([problem, fix]) => inSdl(reading, placeOf(input.node), problem, fix)),
  );
  // A default is checked by the rules, which must be valid for that.
  return problems.length > 0 ? problems : brokenDefaults(reading, sdl.sdl, inputs);
};
