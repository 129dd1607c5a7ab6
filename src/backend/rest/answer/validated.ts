import type { StandardSchemaV1 } from '@standard-schema/spec';
import { UpstreamError } from '../../../core/errors.ts';
import type { Call } from '../../../upstream/call.ts';
import { compiledValidator } from './compiled-validator.ts';

const outputOf = <Output>(result: StandardSchemaV1.Result<Output>, call: Call): Output => {
  if (result.issues === undefined) return result.value;
  const issue = result.issues[0];
  const where = issue?.path?.map((step) => (typeof step === 'object' ? step.key : step)).join('.') || 'the answer';
  throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `${where}: ${issue?.message ?? 'does not fit'}`);
};

/**
 * Returns the output of a validator, a promise of it if the validator returns one.
 *
 * @throws UpstreamError UPSTREAM_BAD_RESPONSE with the path of the first issue
 */
export const validated = <Response extends StandardSchemaV1>(
  response: Response,
  value: unknown,
  call: Call,
): StandardSchemaV1.InferOutput<Response> | Promise<StandardSchemaV1.InferOutput<Response>> => {
  const result = compiledValidator(response)['~standard'].validate(value);
  return result instanceof Promise ? result.then((late) => outputOf(late, call)) : outputOf(result, call);
};
