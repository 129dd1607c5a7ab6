import type { Call, RestMessage } from '../call.ts';

const NOT_MODIFIED = 304;

/** True for a 304 that the call asked for: its caller has the value already (RFC 9110, 13 and 15.4.5). */
export const isNotModified = ({ message }: Pick<Call, 'message'>, status: number): boolean =>
  status === NOT_MODIFIED && message.protocol === 'rest' && message.conditional === true;

/** Headers that make a read conditional. */
const CONDITIONS: ReadonlySet<string> = new Set(['if-none-match', 'if-modified-since']);

/** The call with a 304 as a good answer, if the call's own headers make it conditional. */
export const conditional = <Sent extends Call & { readonly message: RestMessage }>(
  call: Sent,
  headers: Readonly<Record<string, unknown>> = {},
): Sent =>
  Object.keys(headers).some((name) => CONDITIONS.has(name.toLowerCase()))
    ? { ...call, message: { ...call.message, conditional: true } }
    : call;
