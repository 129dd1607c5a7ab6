import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DocumentNode, Kind, parse, Source } from 'graphql';
import { importedParts, type SdlPart } from './sdl-imports.ts';

/** A module's SDL. */
export interface Sdl extends SdlPart {
  /**
   * The definitions that the file imports. The text of a part has blanks in place of the other definitions of its file,
   * so that positions are those of the file. Default: none.
   */
  readonly imported?: readonly SdlPart[];
}

/**
 * Reads SDL and what it imports.
 *
 * @throws Error for an import that is not possible, with the place of the import
 */
export const sdlOf = (text: string, file: string): Sdl => {
  const imported = importedParts({ text, file });
  return imported.length === 0 ? { text, file } : { text, file, imported };
};

/**
 * Reads `schema.graphql`, or another file, from the folder of the module: `typeDefs: sdl(import.meta.url)`.
 *
 * A line `# import Money, PageInfo from "../common.graphql"` imports definitions from another file, with all that they
 * refer to there; `*` imports all.
 *
 * @throws Error that names a missing file, or an import that is not possible
 */
export const sdl = (moduleUrl: string, name = 'schema.graphql'): Sdl => {
  const file = fileURLToPath(new URL(name, moduleUrl));
  try {
    return sdlOf(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new Error(`${file} cannot be read: write the module's SDL there`, { cause });
  }
};

const NOTHING: DocumentNode = { kind: Kind.DOCUMENT, definitions: [] };

/** True for a text of comments only, which is not a document by GraphQL's grammar. */
const isBlank = (text: string): boolean => text.replaceAll(/#.*|[\s,\ufeff]/g, '') === '';

/**
 * Parses SDL with all that it imports. The source of a node is its file.
 *
 * @throws GraphQLError for a syntax error
 */
export const parseSdlParts = ({ text, file, imported = [] }: Sdl): DocumentNode => {
  const document = imported.length > 0 && isBlank(text) ? NOTHING : parse(new Source(text, file));
  if (imported.length === 0) return document;
  const others = imported.flatMap((part) => parse(new Source(part.text, part.file)).definitions);
  return { ...document, definitions: [...document.definitions, ...others] };
};
