/** The body of a response of `fetch`. */
type Bounded = { readonly body: AsyncIterable<Uint8Array> | null };

/** A body of more than the maximum of bytes. */
export class TooManyBytesError extends Error {
  override readonly name = 'TooManyBytesError';
}

/** Reads the body of a response of `fetch`. @throws TooManyBytesError for one of more than `maxBytes` */
export const readBounded = async (response: Bounded, maxBytes: number): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new TooManyBytesError(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
