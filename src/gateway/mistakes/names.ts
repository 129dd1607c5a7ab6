import { endpointsVariable } from '../../backend/endpoints-variable.ts';
import type { Mistake } from './mistake.ts';
import { elsewhereInIndex, inIndex, type Reading } from './reading.ts';

const MODULE_NAME = /^[a-z][a-z0-9-]*$/;

/** Modules that cannot be called what they are called. */
export const wrongModuleName = (reading: Reading): readonly Mistake[] => {
  const { name } = reading.module;
  if (MODULE_NAME.test(name)) return [];
  return [
    inIndex(reading, `a module cannot be called "${name}"`, 'use small letters, digits and hyphens, as in order-desk'),
  ];
};

export const rivalModules = (readings: readonly Reading[]): readonly Mistake[] => {
  const firsts = new Map<string, Reading>();
  return readings.flatMap((reading) => {
    const { name } = reading.module;
    const first = firsts.get(name);
    if (first !== undefined)
      return inIndex(reading, `${elsewhereInIndex(first)} has the same name`, 'rename one of the two modules');
    firsts.set(name, reading);
    return [];
  });
};

/** Upstreams that would read their addresses from one variable. */
export const rivalVariables = (readings: readonly Reading[]): readonly Mistake[] => {
  const firsts = new Map<string, { readonly reading: Reading; readonly upstream: string }>();
  return readings.flatMap((reading) =>
    Object.keys(reading.module.upstreams).flatMap((upstream) => {
      const { name } = reading.module;
      const variable = endpointsVariable(name, upstream);
      const first = firsts.get(variable);
      if (first === undefined) {
        firsts.set(variable, { reading, upstream });
        return [];
      }
      // Of modules with one name that is told already.
      if (first.reading !== reading && first.reading.module.name === name) return [];
      const there = `${first.upstream} of ${elsewhereInIndex(first.reading)}`;
      const wrong = `upstream ${upstream} would read ${variable}, and so would ${there}`;
      return inIndex(reading, wrong, 'rename one of them');
    }),
  );
};
