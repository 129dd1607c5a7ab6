import { isErrorCode } from '../../core/errors.ts';
import { elsewhereInIndex, inIndex, type ParsedModule } from './parsed-module.ts';
import type { ModuleProblem } from './problem.ts';

const CODE = /^[A-Z][A-Z0-9_]*$/;

/** Reports declared error codes that are malformed or belong to the gateway. */
export const wrongErrorCodes = (reading: ParsedModule): readonly ModuleProblem[] =>
  Object.keys(reading.module.errors).flatMap((code) => {
    if (!CODE.test(code))
      return inIndex(
        reading,
        `errors has "${code}", which is not a valid code`,
        'use capitals and underscores, as in OUT_OF_STOCK',
      );
    if (isErrorCode(code)) return inIndex(reading, `errors has ${code}, which is a code of the gateway`, 'rename it');
    return [];
  });

/** Reports codes with different messages in different modules. */
export const conflictingErrorCodes = (readings: readonly ParsedModule[]): readonly ModuleProblem[] => {
  const firsts = new Map<string, { readonly reading: ParsedModule; readonly message: string }>();
  return readings.flatMap((reading) =>
    Object.entries(reading.module.errors).flatMap(([code, message]) => {
      const first = firsts.get(code);
      if (first === undefined) {
        firsts.set(code, { reading, message });
        return [];
      }
      if (first.message === message) return [];
      const problem = `${code} has one message in ${reading.module.name} and another in ${elsewhereInIndex(first.reading)}`;
      return inIndex(reading, problem, 'use the same message in both, or rename one of the codes');
    }),
  );
};
