import { endpointsVariable } from '../../backend/define/endpoints-variable.ts';
import { elsewhereInIndex, inIndex, type ParsedModule } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';

const MODULE_NAME = /^[a-z][a-z0-9-]*$/;

/** Reports invalid module names. */
export const wrongModuleName = (reading: ParsedModule): readonly ModuleProblem[] => {
  const { name } = reading.module;
  if (MODULE_NAME.test(name)) return [];
  return [
    inIndex(reading, `invalid module name "${name}"`, 'use lower-case letters, digits and hyphens, as in order-desk'),
  ];
};

export const duplicateModules = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const firsts = new Map<string, ParsedModule>();
  return readings.flatMap((reading) => {
    const { name } = reading.module;
    const first = firsts.get(name);
    if (first !== undefined)
      return inIndex(reading, `${elsewhereInIndex(first)} has the same name`, 'rename one of the two modules');
    firsts.set(name, reading);
    return [];
  });
};

/** Reports upstreams that would read their addresses from the same variable. */
export const duplicateVariables = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const firsts = new Map<string, { readonly reading: ParsedModule; readonly upstream: string }>();
  return readings.flatMap((reading) =>
    Object.keys(reading.module.upstreams).flatMap((upstream) => {
      const { name } = reading.module;
      const variable = endpointsVariable(name, upstream);
      const first = firsts.get(variable);
      if (first === undefined) {
        firsts.set(variable, { reading, upstream });
        return [];
      }
      // Two modules with one name are already reported.
      if (first.reading !== reading && first.reading.module.name === name) return [];
      const there = `${first.upstream} of ${elsewhereInIndex(first.reading)}`;
      const problem = `upstream ${upstream} would read ${variable}, and so would ${there}`;
      return inIndex(reading, problem, 'rename one of them');
    }),
  );
};
