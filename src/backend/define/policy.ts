import type { Principal } from '../../request/principal.ts';

/**
 * Decides for `@policy(policies: [["name"]])` whether the caller may have a field with these arguments, before anything
 * is fetched. Only `true` admits. `role:<name>` needs no policy: it requires a role of the principal.
 */
export type Policy = (principal: Principal, args: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>;
