import { type ErrorCode, UpstreamError } from '../../core/errors.ts';
import { type Answer, type Call, isStreaming, type Layer } from '../call.ts';
import { isNotModified } from '../rest/not-modified.ts';
import { changedCall, describedCall } from './sent-call.ts';
import type { SentRestChange, Transform } from './transform.ts';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Returns a result, unless it is a promise. */
const synchronous = <Result>(result: Result): Result => {
  if (!isObject(result) || !('then' in result)) return result;
  if (result instanceof Promise) result.catch(() => {});
  throw new TypeError('a hook must be synchronous');
};

/** Calls a hook. Its exception fails this call: the message names the hook, and contains nothing that it was given. */
const within = <Result>(hook: keyof Transform, code: ErrorCode, call: Call, run: () => Result): Result => {
  try {
    return run();
  } catch (cause) {
    const kind = cause instanceof Error ? cause.name : 'an exception';
    throw new UpstreamError(code, call, `transform.${hook} failed with ${kind}`, { cause });
  }
};

/** True for an answer with a value that the module reads. */
const hasValue = (call: Call, { status }: Answer): boolean => {
  const { message } = call;
  if (isStreaming(call) || isNotModified(call, status)) return false;
  return message.protocol === 'grpc' || (message.as !== 'none' && message.method !== 'HEAD');
};

/**
 * Calls the hooks of a module for each call and each of its answers, once a call whatever its attempts.
 *
 * It is outside single flight, so that calls share an attempt if what is sent is equal, and every caller's hook has an
 * answer of its own. It is inside the route, so that a hook knows the subset. Error responses are for the option
 * `errors`. Null without hooks.
 *
 * @throws UpstreamError INTERNAL_SERVER_ERROR for a fault of `request`, UPSTREAM_BAD_RESPONSE for one of `response`
 */
export const transform = (hooks: Transform | null): Layer => {
  if (hooks === null) return (next) => next;
  const { request, response } = hooks;

  const sentFor = (call: Call): Call => {
    if (request === undefined) return call;
    return within('request', 'INTERNAL_SERVER_ERROR', call, () => {
      const change: SentRestChange | undefined = synchronous(request(describedCall(call)));
      if (!isObject(change)) throw new TypeError('the result is not an object');
      return changedCall(call, change);
    });
  };

  return (next) => async (call) => {
    const sent = sentFor(call);
    const answer = await next(sent);
    if (response === undefined || !hasValue(sent, answer)) return answer;
    const { status, headers, size, plainSize } = answer;
    const { route, subset } = call;
    const value = within('response', 'UPSTREAM_BAD_RESPONSE', call, () =>
      synchronous(response({ route, subset: subset?.name ?? null, status, headers, value: answer.value })),
    );
    return { status, headers, size, plainSize, value };
  };
};
