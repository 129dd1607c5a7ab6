import { childResult } from './child-result.ts';

/** CPU of authenticating one request with a kind of credential. */
export interface CredentialCost {
  readonly name: string;
  readonly cpuUsByRound: readonly number[];
}

const PROGRAMS = ['sessions', 'api-keys', 'tokens'] as const;

/** Costs by credential. Each program has a process of its own: one would change the compiled code of the next. */
export const credentialCosts = async (): Promise<readonly CredentialCost[]> => {
  const costs: CredentialCost[] = [];
  for (const name of PROGRAMS)
    costs.push(...(await childResult<readonly CredentialCost[]>(new URL(`../${name}.ts`, import.meta.url))));
  return costs;
};
