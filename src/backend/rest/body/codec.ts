/** A media type that the author of a module encodes and decodes. */
export interface Codec {
  /** Media type, such as `application/xml`. Sent as `content-type` of a body, and as `accept`. */
  readonly type: string;
  /** Decodes the text of an answer, which has been decoded by its charset. An error is UPSTREAM_BAD_RESPONSE. */
  readonly decode: (text: string) => unknown;
  /** Encodes a body. Text is sent as UTF-8. Required for `codec`, not for `as`. */
  readonly encode?: (value: never) => string | Uint8Array;
}

/** A codec for bodies and answers. */
export interface TwoWayCodec extends Codec {
  readonly encode: (value: never) => string | Uint8Array;
}

/** RFC 9110, 8.3.1, with parameters in visible ASCII. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;\s*[\x21-\x7e]+)*$/;

/** True for a media type that a header can carry. */
export const isMediaType = (type: string): boolean => MEDIA_TYPE.test(type);

/**
 * Declares a codec for bodies and answers that are not JSON, with a library of the author's choice: `codec({ type:
 * 'application/xml', encode: (value) => build(value), decode: (text) => parse(text) })`. At a call, `codec: xml` encodes
 * `body` and decodes the answer; `as: csv` only decodes.
 *
 * @throws Error for a type that is no media type.
 */
export const codec = <const Given extends Codec>(given: Given): Given => {
  if (!isMediaType(given.type))
    throw new Error(`codec: ${JSON.stringify(given.type)} is no media type: use one such as application/xml`);
  return given;
};
