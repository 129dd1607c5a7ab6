import type { FieldDefinitionNode } from 'graphql';
import { type ConstDirectiveNode, visit } from 'graphql';
import { isOfCaller } from '../../backend/credentials/own-credentials.ts';
import type { CacheOptions } from '../../backend/define/batch.ts';
import { entityKeys } from '../../backend/merge/entity-keys.ts';
import { directiveUses } from '../directives/type-parts.ts';
import { elsewhere, inIndex, inSdl, type ParsedModule } from './parsed-module.ts';
import { listed, type ModuleProblem } from './problem.ts';
import type { TypeView } from './type-summary.ts';

/** A `cache` and where the module declares it. */
interface Written {
  readonly at: string;
  readonly cache: CacheOptions;
}

/** Every `cache` of a module, by loader name. */
const cachesIn = ({ module, loaders }: ParsedModule): ReadonlyMap<string, readonly Written[]> => {
  const caches = new Map<string, Written[]>();
  const add = (loader: string, written: Written) => caches.set(loader, [...(caches.get(loader) ?? []), written]);
  if (loaders.is === 'made')
    for (const [loader, { cache }] of Object.entries(loaders.batches))
      if (cache) add(loader, { at: `loader ${loader}`, cache });
  for (const [type, merge] of Object.entries(module.merge))
    for (const { load, cache } of entityKeys(merge))
      if (load !== undefined && cache) add(load, { at: `merge of ${type}`, cache });
  return caches;
};

const withoutLoader = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.entries(reading.module.merge).flatMap(([type, merge]) =>
    entityKeys(merge).flatMap(({ load, cache }) =>
      cache && load === undefined
        ? inIndex(
            reading,
            `merge of ${type} has a cache, but no loader`,
            'name a loader in load, or set the cache where the loader is defined',
          )
        : [],
    ),
  );

const duplicates = (reading: ParsedModule, loader: string, written: readonly Written[]): readonly ModuleProblem[] =>
  written.length < 2
    ? []
    : [
        inIndex(
          reading,
          `${listed(written.map(({ at }) => at))} each set a cache for ${loader}`,
          'set it in one place',
        ),
      ];

const wrongTime = (reading: ParsedModule, { at, cache }: Written): readonly ModuleProblem[] =>
  cache.ttlMs > 0 && Number.isFinite(cache.ttlMs)
    ? []
    : [inIndex(reading, `ttlMs of the cache in ${at} is ${cache.ttlMs}`, 'use a number of milliseconds above 0')];

/** A public cache serves all callers, so that its data must not depend on the identity of one. */
const publicWithIdentity = (reading: ParsedModule, { at, cache }: Written): readonly ModuleProblem[] => {
  if (cache.scope !== 'public') return [];
  const upstreams = Object.entries(reading.module.upstreams);
  const forwarding = upstreams.flatMap(([name, { forward }]) => (forward?.identity === undefined ? [] : [name]));
  const issuing = upstreams.flatMap(([name, definition]) => (isOfCaller(definition) ? [name] : []));
  return [
    ...(forwarding.length === 0
      ? []
      : [
          inIndex(
            reading,
            `the cache in ${at} is public, but the identity of the caller is forwarded to upstream ${listed(forwarding)}`,
            "remove scope: 'public', or remove forward.identity",
          ),
        ]),
    ...(issuing.length === 0
      ? []
      : [
          inIndex(
            reading,
            `the cache in ${at} is public, but upstream ${listed(issuing)} receives tokens of the caller`,
            "remove scope: 'public', or use auth that is the same for all callers",
          ),
        ]),
  ];
};

/** Reports caches that contradict each other, store nothing, or would serve one principal's data to another. */
export const wrongCacheDirectives = (reading: ParsedModule): readonly ModuleProblem[] => [
  ...withoutLoader(reading),
  ...[...cachesIn(reading)].flatMap(([loader, written]) => [
    ...duplicates(reading, loader, written),
    ...written.flatMap((one) => [...wrongTime(reading, one), ...publicWithIdentity(reading, one)]),
  ]),
];

const MAX_SECONDS = 86_400;

interface Limited {
  readonly type: string;
  readonly view: TypeView;
  readonly field: FieldDefinitionNode;
  readonly limit: unknown;
  readonly duration: unknown;
}

const limitOf = (field: FieldDefinitionNode) => directiveUses(field.directives, 'rateLimit')[0];

const limitedIn = (reading: ParsedModule): readonly Limited[] =>
  [...reading.types].flatMap(([type, view]) =>
    [...view.fields.values()].flatMap((field) => {
      const used = limitOf(field);
      return used === undefined ? [] : [{ type, view, field, limit: used.limit, duration: used.duration }];
    }),
  );

const isWithin = (value: unknown, most: number): boolean => typeof value === 'number' && value >= 1 && value <= most;

const wrongIn = ({ type, view, field, limit, duration }: Limited): readonly (readonly [string, string])[] => {
  const found: [string, string][] = [];
  const name = `${type}.${field.name.value}`;
  if (view.kind === 'interface')
    found.push([
      `@rateLimit on ${name} limits nothing`,
      'set it on the field of each type that implements the interface',
    ]);
  if (!isWithin(limit, Number.MAX_SAFE_INTEGER))
    found.push([`the limit of ${name} is ${String(limit)}`, 'use 1 or more, or remove the field']);
  if (!isWithin(duration, MAX_SECONDS))
    found.push([`the duration of ${name} is ${String(duration)}`, `use 1 to ${MAX_SECONDS} seconds`]);
  return found;
};

/** Reports limits that would limit nothing, or everything. */
export const wrongRateLimitDirectives = (reading: ParsedModule): readonly ModuleProblem[] =>
  limitedIn(reading).flatMap((limited) =>
    wrongIn(limited).map(([problem, fix]) => inSdl(reading, limited.field.name, problem, fix)),
  );

/** Reports fields of several modules with different limits: any of the modules may serve the field. */
export const conflictingRateLimits = (readings: readonly ParsedModule[]): readonly ModuleProblem[] =>
  readings.flatMap((reading) =>
    limitedIn(reading).flatMap(({ type, field, limit, duration }) =>
      readings.flatMap((other) => {
        const same = other === reading ? undefined : other.types.get(type)?.fields.get(field.name.value);
        if (same === undefined) return [];
        const there = limitOf(same);
        if (there?.limit === limit && there?.duration === duration) return [];
        const problem = `${type}.${field.name.value} does not have the same @rateLimit in ${elsewhere(other, same.name)}`;
        return [inSdl(reading, field.name, problem, 'set the same in both, or none')];
      }),
    ),
  );

const namesIn = (directive: ConstDirectiveNode): readonly string[] =>
  directiveUses([directive], 'policy').flatMap(({ policies }) =>
    Array.isArray(policies) ? policies.flat().filter((name) => typeof name === 'string') : [],
  );

/** Reports policies that the SDL names and the module does not define. */
export const unknownPolicies = (reading: ParsedModule): readonly ModuleProblem[] => {
  if (reading.sdl.is === 'unreadable') return [];
  const problems: ModuleProblem[] = [];
  visit(reading.sdl.sdl.document, {
    Directive: (node) => {
      // A directive in SDL has constant arguments; the visitor's types do not know this.
      for (const name of namesIn(node as ConstDirectiveNode))
        if (!name.startsWith('role:') && !Object.hasOwn(reading.module.policies, name))
          problems.push(inSdl(reading, node, `unknown policy "${name}"`, `add it to policies, or correct the name`));
    },
  });
  return problems;
};
