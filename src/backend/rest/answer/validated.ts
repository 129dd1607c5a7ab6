import type { StandardSchemaV1 } from '@standard-schema/spec';
import { UpstreamError } from '../../../core/errors.ts';
import type { Call } from '../../../upstream/call.ts';
import { compiledValidator } from './compiled-validator.ts';

/** Returns the output of a validator. @throws UpstreamError UPSTREAM_BAD_RESPONSE with the path of the first issue */
export const validated = async <Response extends StandardSchemaV1>(
  response: Response,
  value: unknown,
  call: Call,
): Promise<StandardSchemaV1.InferOutput<Response>> => {
  const result = await compiledValidator(response)['~standard'].validate(value);
  if (result.issues === undefined) return result.value;
  const issue = result.issues[0];
  const where = issue?.path?.map((step) => (typeof step === 'object' ? step.key : step)).join('.') || 'the answer';
  throw new UpstreamError('UPSTREAM_BAD_RESPONSE', call, `${where}: ${issue?.message ?? 'does not fit'}`);
};
