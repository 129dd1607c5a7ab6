import { jsonIn, listIn, textIn } from '../../json.ts';
import type { Contract } from '../document/contract.ts';

/** One operation of a contract, with its references followed. */
export interface ApiOperation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly id: string | null;
  readonly tags: readonly string[];
  readonly description: string | null;
  readonly isDeprecated: boolean;
  readonly parameters: readonly Readonly<Record<string, unknown>>[];
  readonly body: Readonly<Record<string, unknown>> | null;
  readonly responses: Readonly<Record<string, unknown>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** `GET /pets/{id}` */
export const labelOf = ({ method, path }: Pick<ApiOperation, 'method' | 'path'>): string =>
  `${method.toUpperCase()} ${path}`;

/** The parameters of an operation and of its path; those of the operation win. */
const parametersOf = (contract: Contract, ...lists: readonly unknown[]): Readonly<Record<string, unknown>>[] => {
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  for (const list of lists)
    for (const parameter of listIn(list)) {
      const { value } = contract.follow(parameter);
      found.set(`${value.in} ${value.name}`, value);
    }
  return [...found.values()];
};

/** All operations of a contract, in its order. */
export const operationsOf = (contract: Contract): ApiOperation[] =>
  Object.entries(jsonIn(contract.document.paths)).flatMap(([path, value]) => {
    if (!path.startsWith('/')) return [];
    const item = contract.follow(value).value;
    return METHODS.flatMap((method): ApiOperation[] => {
      if (item[method] === undefined) return [];
      const operation = jsonIn(item[method]);
      const summary = textIn(operation.summary);
      return [
        {
          method,
          path,
          id: textIn(operation.operationId),
          tags: listIn(operation.tags).map(String),
          description: summary ?? textIn(operation.description)?.split(/\n\s*\n/, 1)[0] ?? null,
          isDeprecated: operation.deprecated === true,
          parameters: parametersOf(contract, item.parameters, operation.parameters),
          body: operation.requestBody === undefined ? null : contract.follow(operation.requestBody).value,
          responses: jsonIn(operation.responses),
        },
      ];
    });
  });
