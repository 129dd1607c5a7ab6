import type { FieldDefinitionNode } from 'graphql';
import { uses } from '../../directives/sdl-nodes.ts';
import type { Mistake } from './mistake.ts';
import { elsewhere, inSdl, type Reading } from './reading.ts';
import type { TypeView } from './type-view.ts';

const MAX_SECONDS = 86_400;

interface Limited {
  readonly type: string;
  readonly view: TypeView;
  readonly field: FieldDefinitionNode;
  readonly limit: unknown;
  readonly duration: unknown;
}

const limitOf = (field: FieldDefinitionNode) => uses(field.directives, 'rateLimit')[0];

const limitedIn = (reading: Reading): readonly Limited[] =>
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
export const wrongRateLimits = (reading: Reading): readonly Mistake[] =>
  limitedIn(reading).flatMap((limited) =>
    wrongIn(limited).map(([wrong, remedy]) => inSdl(reading, limited.field.name, wrong, remedy)),
  );

/** Reports fields of several modules with different limits: any of the modules may serve the field. */
export const conflictingRateLimits = (readings: readonly Reading[]): readonly Mistake[] =>
  readings.flatMap((reading) =>
    limitedIn(reading).flatMap(({ type, field, limit, duration }) =>
      readings.flatMap((other) => {
        const same = other === reading ? undefined : other.types.get(type)?.fields.get(field.name.value);
        if (same === undefined) return [];
        const there = limitOf(same);
        if (there?.limit === limit && there?.duration === duration) return [];
        const wrong = `${type}.${field.name.value} does not have the same @rateLimit in ${elsewhere(other, same.name)}`;
        return [inSdl(reading, field.name, wrong, 'set the same in both, or none')];
      }),
    ),
  );
