import { isErrorCode } from '../../errors.ts';
import type { Mistake } from './mistake.ts';
import { elsewhereInIndex, inIndex, type Reading } from './reading.ts';

const CODE = /^[A-Z][A-Z0-9_]*$/;

/** Declared error codes that are no codes, or the gateway's own. */
export const wrongErrorCodes = (reading: Reading): readonly Mistake[] =>
  Object.keys(reading.module.errors).flatMap((code) => {
    if (!CODE.test(code))
      return inIndex(reading, `errors has "${code}", which is no code`, 'use capitals, as in OUT_OF_STOCK');
    if (isErrorCode(code))
      return inIndex(reading, `errors has ${code}, a code of the gateway's own`, 'give it another name');
    return [];
  });

/** Codes that mean one thing in one module and another in the next. */
export const rivalErrorCodes = (readings: readonly Reading[]): readonly Mistake[] => {
  const firsts = new Map<string, { readonly reading: Reading; readonly message: string }>();
  return readings.flatMap((reading) =>
    Object.entries(reading.module.errors).flatMap(([code, message]) => {
      const first = firsts.get(code);
      if (first === undefined) {
        firsts.set(code, { reading, message });
        return [];
      }
      if (first.message === message) return [];
      const wrong = `${code} has one message in ${reading.module.name} and another in ${elsewhereInIndex(first.reading)}`;
      return inIndex(reading, wrong, 'give both the same message, or rename one of the codes');
    }),
  );
};
