import type { FieldStyle } from './field-style.ts';
import { jsonBody } from './json-body.ts';
import { formBody } from './urlencoded.ts';

/** Kinds of request bodies. Calls without a body are of the kind `json`. */
export type BodyKind = 'json' | 'form';

/** Options of a call of which at most one is set. */
export interface BodyOptions {
  readonly body?: unknown;
  readonly form?: object | undefined;
  readonly formStyle?: FieldStyle | undefined;
}

/** A body as it is sent. */
export interface RequestBody {
  readonly kind: BodyKind;
  /** Null for no body. */
  readonly content: string | null;
  /** `content-type` unless the call's headers have one; null for the transport's, `application/json`. */
  readonly type: string | null;
}

const NO_BODY: RequestBody = { kind: 'json', content: null, type: null };
const BODIES = ['body', 'form'] as const;

/**
 * Encodes the body of a call.
 *
 * @throws Error for two bodies, and for a value that cannot be sent as written; GatewayError BAD_USER_INPUT for text
 * that is not well-formed.
 */
export const requestBody = (options: BodyOptions, formStyle: FieldStyle): RequestBody => {
  const [name, second] = BODIES.filter((each) => options[each] !== undefined);
  if (second !== undefined) throw new Error(`a call has one body, not ${name} and ${second}`);
  switch (name) {
    case undefined:
      return NO_BODY;
    case 'body':
      return { kind: 'json', content: jsonBody(options.body), type: null };
    case 'form':
      return {
        kind: 'form',
        content: formBody(options.form ?? {}, options.formStyle ?? formStyle),
        type: 'application/x-www-form-urlencoded',
      };
    default:
      return name satisfies never;
  }
};
