import { UsageError } from './exit-code.ts';

/** Reads the value of `--variables`. @throws UsageError unless it is a JSON object */
export const variablesIn = (text: string): Readonly<Record<string, unknown>> => {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below, with all other values that are not objects.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`--variables must be a JSON object, not ${text}`);
  return { ...value };
};
