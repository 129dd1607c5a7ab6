import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A module's SDL and its file, for the location of problems. */
export interface Sdl {
  readonly text: string;
  /** Path of the file. */
  readonly file: string;
}

/**
 * Reads `schema.graphql`, or another file, from the folder of the module: `typeDefs: sdl(import.meta.url)`.
 *
 * @throws Error that names a missing file.
 */
export const sdl = (moduleUrl: string, name = 'schema.graphql'): Sdl => {
  const file = fileURLToPath(new URL(name, moduleUrl));
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch (cause) {
    throw new Error(`${file} cannot be read: write the module's SDL there`, { cause });
  }
};
