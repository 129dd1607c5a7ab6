import { UsageError } from '../../command/exit-code.ts';
import { wordsOfName } from './names.ts';

/** Words of file names and titles that say nothing about a backend. */
const GENERAL =
  /^(openapi|swagger|spec\d*|api|index|contract|schema|service|services|main|graphql|v\d+|docs?|json|yaml)$/i;

const kebab = (text: string): string => wordsOfName(text).join('-').toLowerCase();

/**
 * The name of a module: `name` as given, or the first of the candidates that can be one.
 *
 * @throws UsageError for a name that is no module name, and if no candidate is one
 */
export const moduleName = (name: string | null, candidates: readonly string[]): string => {
  if (name !== null) {
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      throw new UsageError(`--as ${name} is no module name: use small letters, digits and -, as in order-desk.`);
    return name;
  }
  const found = candidates
    .map(kebab)
    .find((candidate) => !GENERAL.test(candidate) && /^[a-z][a-z0-9-]*$/.test(candidate));
  if (found === undefined) throw new UsageError('The contract has no title: name the module with --as.');
  return found;
};
