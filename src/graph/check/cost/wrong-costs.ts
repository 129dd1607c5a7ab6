import { type FieldDefinitionNode, Kind, type TypeNode } from 'graphql';
import { namedType } from '../../compose/sdl.ts';
import {
  type CostUse,
  costUses,
  type ListSize,
  type ListSizeUse,
  listSizeOf,
  listSizeUses,
} from '../../directives/cost/cost-uses.ts';
import { weightOf } from '../../directives/cost/cost-weights.ts';
import { elsewhere, inSdl, mayBeDefined, type ParsedModule } from '../parsed-module.ts';
import { listed, type ModuleProblem } from '../problem.ts';

type Found = readonly [problem: string, fix: string];

const documentsOf = ({ module, sdl }: ParsedModule) =>
  sdl.is === 'read' ? [{ module: module.name, document: sdl.sdl.document }] : [];

const wrongWeight = ({ at, target, isOfInterface, weight }: CostUse): readonly Found[] => {
  const found: Found[] = [];
  if (isOfInterface)
    found.push([`@cost on ${at} weighs nothing`, 'set it on the field of each type that implements the interface']);
  const number = weightOf(weight);
  if (number === null)
    found.push([`the weight of ${at} is ${JSON.stringify(weight)}`, 'use a number in quotes, such as "2.5"']);
  else if (number < 0 && target === 'type')
    found.push([
      `the weight of ${at} is ${number}, which would lower the cost of other fields`,
      'use 0 or more: a weight below 0 is for arguments and input fields, and for the field that they add to',
    ]);
  return found;
};

/** Reports weights that are not numbers, or that count nowhere. */
export const wrongWeights = (reading: ParsedModule): readonly ModuleProblem[] =>
  costUses(documentsOf(reading)).flatMap((use) =>
    wrongWeight(use).map(([problem, fix]) => inSdl(reading, use.name, problem, fix)),
  );

const isList = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE ? isList(type.type) : type.kind === Kind.LIST_TYPE;

const isInt = (type: TypeNode): boolean =>
  type.kind === Kind.NON_NULL_TYPE ? isInt(type.type) : type.kind === Kind.NAMED_TYPE && type.name.value === 'Int';

const wrongSlicing = (name: string, field: FieldDefinitionNode, { slicingArguments }: ListSize): readonly Found[] =>
  slicingArguments.flatMap((argument): Found[] => {
    const definition = field.arguments?.find((one) => one.name.value === argument);
    if (definition === undefined)
      return [[`${name} has no argument ${argument}, which slicingArguments names`, 'add it, or correct the name']];
    if (isInt(definition.type)) return [];
    return [[`the slicing argument ${argument} of ${name} is no Int`, 'use an argument of type Int']];
  });

const ambiguousSize = (name: string, field: FieldDefinitionNode, size: ListSize): readonly Found[] => {
  const { assumedSize, slicingArguments, requireOneSlicingArgument } = size;
  if (assumedSize === null || slicingArguments.length === 0) return [];
  const withDefault = slicingArguments.find(
    (argument) => field.arguments?.find(({ name }) => name.value === argument)?.defaultValue !== undefined,
  );
  if (withDefault !== undefined)
    return [[`assumedSize of ${name} is never used: its argument ${withDefault} has a default`, 'remove assumedSize']];
  if (!requireOneSlicingArgument) return [];
  return [
    [
      `assumedSize of ${name} is never used: one of ${listed(slicingArguments)} is required`,
      'add requireOneSlicingArgument: false, or remove assumedSize',
    ],
  ];
};

const wrongListSize = ({ type, isOfInterface, field, size }: ListSizeUse): readonly Found[] => {
  const name = `${type}.${field.name.value}`;
  if (isOfInterface)
    return [[`@listSize on ${name} counts nowhere`, 'set it on the field of each type that implements the interface']];
  const found: Found[] = [...wrongSlicing(name, field, size), ...ambiguousSize(name, field, size)];
  const { assumedSize, slicingArguments, sizedFields } = size;
  if (assumedSize === null && slicingArguments.length === 0)
    found.push([`@listSize on ${name} states no size`, 'add assumedSize or slicingArguments, or remove the directive']);
  if (assumedSize !== null && assumedSize < 0)
    found.push([`assumedSize of ${name} is ${assumedSize}`, 'use 0 or more']);
  if (sizedFields.length === 0 && !isList(field.type))
    found.push([`${name} has a @listSize, but returns no list`, 'remove it, or name the lists below in sizedFields']);
  return found;
};

/** Reports sizes of lists that contradict their field. */
export const wrongListSizes = (reading: ParsedModule): readonly ModuleProblem[] =>
  listSizeUses(documentsOf(reading)).flatMap((use) =>
    wrongListSize(use).map(([problem, fix]) => inSdl(reading, use.field.name, problem, fix)),
  );

const wrongSizedField = (
  readings: readonly ParsedModule[],
  { type, field, isOfInterface }: ListSizeUse,
  sized: string,
): Found | null => {
  const returned = namedType(field.type);
  if (isOfInterface || mayBeDefined(readings, returned, [sized])) return null;
  const definition = readings.map(({ types }) => types.get(returned)?.fields.get(sized)).find((one) => one);
  const name = `${type}.${field.name.value}`;
  if (definition === undefined)
    return [`${returned} has no field ${sized}, which sizedFields of ${name} names`, 'add it, or correct the name'];
  if (isList(definition.type)) return null;
  return [`${returned}.${sized}, a sized field of ${name}, returns no list`, 'name a field that returns a list'];
};

/** Reports sized fields that do not exist, in any module, or return no list. */
export const wrongSizedFields = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    listSizeUses(documentsOf(reading)).flatMap((use) =>
      use.size.sizedFields.flatMap((sized) => {
        const found = wrongSizedField(readings, use, sized);
        return found === null ? [] : [inSdl(reading, use.field.name, ...found)];
      }),
    ),
  );

/** Reports elements to which several modules give different weights. */
const conflictingWeights = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const firsts = new Map<string, { readonly reading: ParsedModule; readonly use: CostUse }>();
  return readings.flatMap((reading) =>
    costUses(documentsOf(reading)).flatMap((use) => {
      const first = firsts.get(use.at);
      if (first === undefined) firsts.set(use.at, { reading, use });
      if (first === undefined || weightOf(first.use.weight) === weightOf(use.weight)) return [];
      const problem = `${use.at} does not have the same @cost in ${elsewhere(first.reading, first.use.name)}`;
      return [inSdl(reading, use.name, problem, 'set the same weight in both, or in one of them')];
    }),
  );
};

/** Reports fields of several modules with different sizes. */
const conflictingSizes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    listSizeUses(documentsOf(reading)).flatMap(({ type, field, size }) =>
      readings.flatMap((other) => {
        const same = other === reading ? undefined : other.types.get(type)?.fields.get(field.name.value);
        const there = same === undefined ? undefined : listSizeOf(same);
        if (same === undefined || there === undefined || JSON.stringify(there) === JSON.stringify(size)) return [];
        const problem = `${type}.${field.name.value} does not have the same @listSize in ${elsewhere(other, same.name)}`;
        return [inSdl(reading, field.name, problem, 'set the same in both, or in one of them')];
      }),
    ),
  );

/** Reports weights and sizes on which modules do not agree. One module may set what another one leaves out. */
export const conflictingCosts = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => [
  ...conflictingWeights(readings),
  ...conflictingSizes(readings),
];
