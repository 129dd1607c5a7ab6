import { isIP } from 'node:net';
import type { Principal } from '../../request/principal.ts';
import { UsageError } from '../command/exit-code.ts';

/** The caller of an explained operation, as options. */
export interface CallerOptions {
  readonly caller: string;
  readonly subject: string;
  readonly owner: string;
  readonly plan: string | undefined;
  readonly role: readonly string[];
  readonly scope: readonly string[];
  readonly claim: readonly string[];
  readonly address: string;
  readonly client: string | undefined;
}

const claimsOf = (options: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    options.map((option) => {
      const at = option.indexOf('=');
      if (at < 1) throw new UsageError(`--claim must be <name>=<value>, not ${option}`);
      return [option.slice(0, at), option.slice(at + 1)];
    }),
  );

/** Options with the kinds of callers that they describe. */
const OF_KINDS: readonly (readonly [keyof CallerOptions, readonly string[]])[] = [
  ['claim', ['user']],
  ['plan', ['api-key']],
  ['role', ['user', 'api-key']],
  ['scope', ['user', 'api-key']],
];

const rejectOthers = (options: CallerOptions): void => {
  for (const [name, kinds] of OF_KINDS)
    if ((options[name]?.length ?? 0) > 0 && !kinds.includes(options.caller))
      throw new UsageError(`--${name} needs --caller ${kinds.join(' or ')}`);
};

/** The principal that options describe. @throws UsageError */
export const explainedPrincipal = (options: CallerOptions): Principal => {
  rejectOthers(options);
  const { caller, subject, owner, plan, role, scope, claim } = options;
  const rights = { scopes: scope, roles: role };
  switch (caller) {
    case 'anonymous':
      return { kind: 'anonymous' };
    case 'user':
      return { kind: 'user', issuer: 'https://id.example', subject, ...rights, claims: claimsOf(claim) };
    case 'api-key':
      return { kind: 'api-key', issuer: 'api-key', subject, owner, ...rights, ...(plan !== undefined && { plan }) };
    case 'certificate':
      return { kind: 'certificate', issuer: 'CN=CA', subject, names: [], scopes: [], roles: [] };
    default:
      throw new UsageError(`--caller must be anonymous, user, api-key or certificate, not ${caller}`);
  }
};

/** @throws UsageError */
export const explainedAddress = ({ address }: CallerOptions): string => {
  if (isIP(address) !== 0) return address;
  throw new UsageError(`--address must be an IP address, not ${address}`);
};
