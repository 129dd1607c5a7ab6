import type { UpstreamDefinition } from '../../../backend/define/upstream-options.ts';
import { nearestSuggestion } from '../../../core/suggest.ts';
import { inIndex, type ParsedModule } from '../parsed-module.ts';
import type { ModuleProblem } from '../problem.ts';
import { isRecord, type OptionGroup, type Ordered, type Rule, shown } from './option-rules.ts';
import { GRPC_OPTIONS, REST_OPTIONS } from './options.ts';

/** A problem and its fix. */
type Problem = readonly [problem: string, fix: string];

/** A group of options of an upstream. */
interface Spot {
  /** `upstream stock` */
  readonly upstream: string;
  /** Names from the outermost to the innermost group; empty for the upstream itself. */
  readonly path: readonly string[];
}

/** `retry.attempts of upstream stock` */
const at = ({ upstream, path }: Spot, name?: string): string => {
  const names = name === undefined ? path : [...path, name];
  return names.length === 0 ? upstream : `${names.join('.')} of ${upstream}`;
};

const isRule = (rule: Rule | OptionGroup): rule is Rule => typeof rule === 'function';

/** Returns the group that has an option of this name, as `retry: { attempts }`; null without one. */
const elsewhere = (name: string, { options }: OptionGroup): string | null => {
  for (const [group, rules] of Object.entries(options))
    if (!isRule(rules) && Object.hasOwn(rules.options, name)) return `${group}: { ${name} }`;
  return null;
};

const unknownOption = (name: string, group: OptionGroup, whole: OptionGroup, spot: Spot): Problem => {
  const names = Object.keys(group.options);
  const nextTo = Object.hasOwn(whole.options, name) ? `${name} next to ${spot.path[0]}` : null;
  const meant = elsewhere(name, whole) ?? nextTo ?? nearestSuggestion(name, names);
  const fix = meant === null ? `remove it; the options are ${names.join(', ')}` : `use ${meant}, or remove it`;
  return [`${at(spot)} has an unknown option "${name}"`, fix];
};

const wrongOrder = ({ low: [low, value], high: [high, most] }: Ordered, spot: Spot): readonly Problem[] =>
  value <= most
    ? []
    : [
        [
          `${low} in ${at(spot)} is ${value}, more than ${high}, which is ${most}`,
          `use a smaller ${low}, or a larger ${high}`,
        ],
      ];

const wrongOption = (name: string, value: unknown, rule: Rule | OptionGroup, whole: OptionGroup, spot: Spot) => {
  if (!isRule(rule)) return wrongGroup(value, rule, whole, { ...spot, path: [...spot.path, name] });
  const fix = rule(value);
  return fix === null ? [] : [[`${at(spot, name)} is ${shown(value)}`, fix] as const];
};

const wrongGroup = (value: unknown, group: OptionGroup, whole: OptionGroup, spot: Spot): readonly Problem[] => {
  const { options, instead = [], required = {}, ordered = () => [] } = group;
  if (value === undefined || instead.some((other) => other === value)) return [];
  if (!isRecord(value))
    return [[`${at(spot)} is ${shown(value)}`, ['use an object with its options', ...instead].join(', or ')]];
  const missing = Object.entries(required).flatMap(([name, example]): readonly Problem[] =>
    value[name] === undefined ? [[`${at(spot)} has no ${name}`, `add it, as in ${example}`]] : [],
  );
  const problem = Object.entries(value).flatMap(([name, option]): readonly Problem[] => {
    const rule = Object.hasOwn(options, name) ? options[name] : undefined;
    if (rule === undefined) return [unknownOption(name, group, whole, spot)];
    // An undefined option of the upstream equals a missing one. In a group it is rejected, because it would override
    // the default.
    if (option === undefined && (spot.path.length === 0 || Object.hasOwn(required, name))) return [];
    return wrongOption(name, option, rule, whole, spot);
  });
  const alone = [...missing, ...problem];
  return alone.length > 0 ? alone : ordered(value).flatMap((pair) => wrongOrder(pair, spot));
};

/** Reports options of an upstream that do not exist, are out of range or contradict each other. */
export const wrongOptions = (
  reading: ParsedModule,
  upstream: string,
  definition: UpstreamDefinition,
): readonly ModuleProblem[] => {
  const { protocol, ...options } = definition;
  const rules = protocol === 'rest' ? REST_OPTIONS : GRPC_OPTIONS;
  return wrongGroup(options, rules, rules, { upstream: `upstream ${upstream}`, path: [] }).map(([problem, fix]) =>
    inIndex(reading, problem, fix),
  );
};
