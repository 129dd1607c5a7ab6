import type { ErrorCode } from '../../core/errors.ts';
import { STATUS_CODES } from '../../upstream/grpc/status.ts';
import { problemParts } from '../../upstream/rest/problem-details.ts';
import {
  type ErrorParts,
  errorOfParts,
  type FieldText,
  isJsonObject,
  type JsonObject,
  objectsIn,
  type Preset,
  type PresetOptions,
} from './error-parts.ts';

/** Creates a preset. `partsOf` returns null for a body in another format, which keeps the usual error. */
const preset =
  (partsOf: (body: JsonObject, isRest: boolean) => ErrorParts | null) =>
  <const Code extends string = never>(options: PresetOptions<Code> = {}): Preset<Code> =>
  ({ status, body, code }) => {
    const parts = isJsonObject(body) ? partsOf(body, typeof status === 'number') : null;
    return parts === null ? undefined : errorOfParts(code, parts, options);
  };

/** Problem details, with the fields of RFC 9457's `errors` or RFC 7807's `invalid-params`. */
const problemDetails = preset((body) => {
  const { detail, title, errors, 'invalid-params': params } = body;
  return {
    ...problemParts(body),
    fields: [
      ...objectsIn(errors).map(({ pointer, detail: text }) => ({ field: fieldAt(pointer), text })),
      ...objectsIn(params).map(({ name, reason }) => ({ field: name, text: reason })),
    ],
    text: detail ?? title,
  };
});

/** The field that a JSON pointer (RFC 6901) leads to, as a path: `#/items/0/name` is `items.0.name`. */
const fieldAt = (pointer: unknown): unknown =>
  typeof pointer === 'string'
    ? pointer
        .replace(/^#?\//, '')
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
        .join('.')
    : undefined;

const isStatusName = (name: unknown): name is keyof typeof STATUS_CODES =>
  typeof name === 'string' && Object.hasOwn(STATUS_CODES, name);

// A client cannot renew the credentials of the gateway. Only the upstream's `forward` shows if such a status concerns it.
const googleCode = (status: unknown): ErrorCode | undefined =>
  isStatusName(status) && status !== 'UNAUTHENTICATED' && status !== 'PERMISSION_DENIED'
    ? STATUS_CODES[status]
    : undefined;

const GOOGLE = 'type.googleapis.com/google.rpc.';

/** Google's JSON errors (AIP-193), and gRPC errorFormats. */
const google = preset((body, isRest) => {
  const error = isRest ? body.error : body;
  if (!isJsonObject(error)) return null;
  const details = objectsIn(error.details);
  const find = (name: string) => details.find(({ '@type': type }) => type === GOOGLE + name);
  return {
    code: googleCode(error.status),
    problem: find('ErrorInfo')?.reason,
    fields: objectsIn(find('BadRequest')?.fieldViolations).map(({ field, description: text }) => ({ field, text })),
    text: find('LocalizedMessage')?.message ?? error.message,
  };
});

const STRIPE_CODES: Readonly<Record<string, ErrorCode>> = {
  card_error: 'BAD_USER_INPUT',
  idempotency_error: 'CONFLICT',
};

const stripe = preset(({ error }) => {
  if (!isJsonObject(error)) return null;
  const { type, code, param, message: text } = error;
  return {
    code: typeof type === 'string' && Object.hasOwn(STRIPE_CODES, type) ? STRIPE_CODES[type] : undefined,
    problem: code ?? type,
    fields: param === undefined ? [] : [{ field: param, text }],
    text,
  };
});

/** `/data/attributes/title` is the field `title`; a parameter or a header is a field by its own name. */
const jsonApiField = ({ source, detail, title }: JsonObject): readonly FieldText[] => {
  if (!isJsonObject(source)) return [];
  const { pointer, parameter, header } = source;
  const path =
    typeof pointer === 'string' ? pointer.replace(/^\/data\/(?:attributes|relationships)(?=\/)/, '') : undefined;
  return [{ field: fieldAt(path) ?? parameter ?? header, text: detail ?? title }];
};

const jsonApi = preset(({ errors }) => {
  const all = objectsIn(errors);
  const first = all[0];
  return first === undefined
    ? null
    : { problem: first.code, fields: all.flatMap(jsonApiField), text: first.detail ?? first.title };
});

const oData = preset(({ error }) => {
  if (!isJsonObject(error)) return null;
  const targets = [error, ...objectsIn(error.details)].filter(({ target }) => target !== undefined && target !== null);
  return {
    problem: error.code,
    fields: targets.map(({ target, message }) => ({ field: target, text: message })),
    text: error.message,
  };
});

/** A list of fields, or an object with the texts of each field. */
const fieldErrors = preset(({ errors, message }) => {
  if (Array.isArray(errors)) {
    const all = objectsIn(errors);
    const fields = all.map(({ field, message: text, code }) => ({ field, text, code }));
    return { problem: all[0]?.code, fields, text: message };
  }
  if (!isJsonObject(errors)) return null;
  const fields = Object.entries(errors).map(([field, texts]) => ({
    field,
    text: Array.isArray(texts) ? (texts as readonly unknown[])[0] : texts, // `isArray` makes it `any[]`
  }));
  return { fields, text: message };
});

/**
 * Presets for the option `errors`, by the format of the error responses. Each maps a body of its format to `details` with
 * `problem` and `violations`; another body keeps the usual error. The backend's texts reach clients only with `{
 * messages: true }`.
 */
export const errorFormats = {
  /** Problem details (RFC 9457). */
  problemDetails,
  /** `{ error: { code, status, message, details } }` of Google's APIs, and gRPC's rich errors. */
  google,
  /** `{ error: { type, code, message, param } }` */
  stripe,
  /** `{ errors: [{ code, title, detail, source }] }` of JSON:API. */
  jsonApi,
  /** `{ error: { code, message, target, details } }` of OData and Microsoft's APIs. */
  oData,
  /** `{ errors: [{ field, message, code }] }`, as GitHub has it, or `{ errors: { <field>: [<message>] } }`. */
  fieldErrors,
} as const;
