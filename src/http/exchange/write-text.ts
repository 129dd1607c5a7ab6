import type { ServerResponse } from 'node:http';

/** Shorter texts are joined with the headers: each part of a write has a cost of its own. */
const MIN_SEPARATE_LENGTH = 4_096;

/** Writes headers and text in one system call. A long text is not joined with them, because V8 would copy it. */
// perf: P16
export const writeText = (response: ServerResponse, text: string, lastText: string): void => {
  if (text.length < MIN_SEPARATE_LENGTH) {
    response.end(text + lastText);
    return;
  }
  response.cork();
  response.flushHeaders();
  response.write(text);
  response.end(lastText);
};
