import type { UpstreamDefinition } from '../../backend/upstreams.ts';
import type { Mistake } from './mistake.ts';
import { nearest } from './nearest.ts';
import { isRecord, type OptionGroup, type Ordered, type Rule, shown } from './option-rules.ts';
import { inIndex, type Reading } from './reading.ts';
import { GRPC, REST } from './upstream-rules.ts';

/** What is wrong, and what to do. */
type Told = readonly [wrong: string, remedy: string];

/** A group of options as it stands in a module. */
interface Spot {
  /** `upstream stock` */
  readonly upstream: string;
  /** Names from the outside in; none for the upstream itself. */
  readonly path: readonly string[];
}

/** `retry.attempts of upstream stock` */
const at = ({ upstream, path }: Spot, name?: string): string => {
  const names = name === undefined ? path : [...path, name];
  return names.length === 0 ? upstream : `${names.join('.')} of ${upstream}`;
};

const isRule = (rule: Rule | OptionGroup): rule is Rule => typeof rule === 'function';

/** Where an option of this name belongs, if it is one of a group: `retry: { attempts }`. */
const elsewhere = (name: string, { options }: OptionGroup): string | null => {
  for (const [group, rules] of Object.entries(options))
    if (!isRule(rules) && Object.hasOwn(rules.options, name)) return `${group}: { ${name} }`;
  return null;
};

const unknownOption = (name: string, group: OptionGroup, whole: OptionGroup, spot: Spot): Told => {
  const names = Object.keys(group.options);
  const beside = Object.hasOwn(whole.options, name) ? `${name} beside ${spot.path[0]}` : null;
  const meant = elsewhere(name, whole) ?? beside ?? nearest(name, names);
  const remedy = meant === null ? `take it away; there are ${names.join(', ')}` : `write ${meant}, or take it away`;
  return [`${at(spot)} has "${name}", which is no option of it`, remedy];
};

const wrongOrder = ({ low: [low, value], high: [high, most] }: Ordered, spot: Spot): readonly Told[] =>
  value <= most
    ? []
    : [
        [
          `${low} in ${at(spot)} is ${value}, more than ${high}, which is ${most}`,
          `give a smaller ${low}, or a larger ${high}`,
        ],
      ];

const wrongOption = (name: string, value: unknown, rule: Rule | OptionGroup, whole: OptionGroup, spot: Spot) => {
  if (!isRule(rule)) return wrongGroup(value, rule, whole, { ...spot, path: [...spot.path, name] });
  const remedy = rule(value);
  return remedy === null ? [] : [[`${at(spot, name)} is ${shown(value)}`, remedy] as const];
};

const wrongGroup = (value: unknown, group: OptionGroup, whole: OptionGroup, spot: Spot): readonly Told[] => {
  const { options, instead = [], required = {}, ordered = () => [] } = group;
  if (value === undefined || instead.some((other) => other === value)) return [];
  if (!isRecord(value))
    return [[`${at(spot)} is ${shown(value)}`, ['give an object with its options', ...instead].join(', or ')]];
  const missing = Object.entries(required).flatMap(([name, example]): readonly Told[] =>
    value[name] === undefined ? [[`${at(spot)} has no ${name}`, `add it, as in ${example}`]] : [],
  );
  const wrong = Object.entries(value).flatMap(([name, option]): readonly Told[] => {
    const rule = Object.hasOwn(options, name) ? options[name] : undefined;
    if (rule === undefined) return [unknownOption(name, group, whole, spot)];
    // Left out, said in another way; in a group it would hide the default.
    if (option === undefined && (spot.path.length === 0 || Object.hasOwn(required, name))) return [];
    return wrongOption(name, option, rule, whole, spot);
  });
  const alone = [...missing, ...wrong];
  return alone.length > 0 ? alone : ordered(value).flatMap((pair) => wrongOrder(pair, spot));
};

/** Options of an upstream that do not exist, cannot be meant, or do not fit together. */
export const wrongOptions = (
  reading: Reading,
  upstream: string,
  definition: UpstreamDefinition,
): readonly Mistake[] => {
  const { protocol, ...options } = definition;
  const rules = protocol === 'rest' ? REST : GRPC;
  return wrongGroup(options, rules, rules, { upstream: `upstream ${upstream}`, path: [] }).map(([wrong, remedy]) =>
    inIndex(reading, wrong, remedy),
  );
};
