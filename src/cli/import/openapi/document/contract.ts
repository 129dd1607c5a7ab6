import { CommandFailure } from '../../../command/exit-code.ts';
import { isJsonRecord, type Json, jsonIn, pointerTo, textIn, valueAt } from '../../json.ts';
import type { ContractSource } from '../../read-source.ts';

/** An OpenAPI 3.1 document in which every reference has a target. */
export interface Contract {
  readonly document: Json;
  /** Follows references. Returns the last reference, or null for a value that is none. */
  follow(value: unknown): { readonly value: Json; readonly ref: string | null };
}

/** The package's declarations import a package that it does not depend on: a literal name would not compile. */
const UPGRADER: string = '@scalar/openapi-upgrader';

const upgraded = async (document: Json): Promise<Json> => {
  const { upgrade }: { upgrade(value: Json, version: '3.1'): unknown } = await import(UPGRADER);
  return jsonIn(upgrade(document, '3.1'));
};

const MAX_PROBLEMS = 50;

const refuse = (name: string, problems: readonly string[]): never => {
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => `  ${name}${problem}`);
  const more = problems.length > MAX_PROBLEMS ? [`  and ${problems.length - MAX_PROBLEMS} more`] : [];
  throw new CommandFailure([`The contract is not valid:`, ...shown, ...more].join('\n'));
};

/** The problem of a reference; null if it has a target. */
const problemOfRef = (document: Json, ref: string): string | null => {
  if (ref !== '#' && !ref.startsWith('#/'))
    return `refers to the anchor ${ref}: use a JSON pointer, as in #/components/schemas/Pet.`;
  try {
    return valueAt(document, ref) === undefined
      ? `refers to ${ref}, which does not exist: define it, or correct the reference.`
      : null;
  } catch {
    return `refers to ${ref}, which is not a JSON pointer: correct its percent-encoding.`;
  }
};

/** True for a place where `$ref` is data: an example, a default, or a property of this name. */
const isData = (pointer: string): boolean =>
  /\/(examples?|enum|const|x-(?!files\/)[^/]*)(\/|$)|\/properties$/.test(pointer);

const refProblems = (document: Json): string[] => {
  const problems: string[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [name, inner] of Object.entries(value)) {
      const at = pointerTo(pointer, name);
      if (name === '$ref' && typeof inner === 'string' && !isData(pointer)) {
        const problem = problemOfRef(document, inner);
        if (problem !== null) problems.push(`${pointer} ${problem}`);
      } else visit(inner, at);
    }
  };
  visit(document, '#');
  return problems;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const operationProblems = (document: Json): string[] => {
  const problems: string[] = [];
  for (const [path, item] of Object.entries(jsonIn(document.paths))) {
    const at = pointerTo('#/paths', path);
    if (path.startsWith('x-')) continue;
    if (!path.startsWith('/')) problems.push(`${at} does not begin with /: correct the path.`);
    if (!isJsonRecord(item)) problems.push(`${at} is not an object: describe its operations.`);
    for (const method of METHODS) {
      const operation = jsonIn(item)[method];
      if (operation === undefined) continue;
      const place = pointerTo(at, method);
      if (!isJsonRecord(operation)) problems.push(`${place} is not an object: describe the operation.`);
      else if (!isJsonRecord(operation.responses)) problems.push(`${place} has no responses: describe at least one.`);
    }
  }
  return problems;
};

const isSupported = (document: Json): boolean =>
  /^2\./.test(String(document.swagger)) || /^3\.[01](\.|$)/.test(textIn(document.openapi) ?? '');

/** True for a Swagger 2 or OpenAPI 3 document of any version. */
export const isOpenapi = (value: unknown): value is Json =>
  isJsonRecord(value) && ('openapi' in value || 'swagger' in value);

/**
 * Checks an OpenAPI document, and converts it to OpenAPI 3.1.
 *
 * @throws CommandFailure with all problems: each with the JSON pointer, and what to do
 */
export const readContract = async ({ name, value }: ContractSource): Promise<Contract> => {
  if (!isOpenapi(value)) return refuse(name, [' is no OpenAPI document: it has neither `openapi` nor `swagger`.']);
  if (!isSupported(value))
    return refuse(name, [
      `#/${'openapi' in value ? 'openapi' : 'swagger'} is ${value.openapi ?? value.swagger}: use OpenAPI 3.0 or 3.1, or Swagger 2.`,
    ]);
  if (Object.keys(jsonIn(value.paths)).length === 0)
    return refuse(name, ['#/paths has no operations: describe at least one.']);
  const problems = [...operationProblems(value), ...refProblems(value)];
  if (problems.length > 0) return refuse(name, problems);

  const document = await upgraded(structuredClone(value));
  const follow = (from: unknown, ref: string | null = null, steps = 0): { value: Json; ref: string | null } => {
    const next = textIn(jsonIn(from).$ref);
    if (next === null || steps > 100) return { value: jsonIn(from), ref };
    return follow(valueAt(document, next), next, steps + 1);
  };
  return { document, follow: (from) => follow(from) };
};
