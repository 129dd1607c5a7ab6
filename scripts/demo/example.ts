import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripIgnoredCharacters } from 'graphql';

/**
 * The operation that a schema folder shows itself with (`example.graphql`), on one line; null where it has none.
 *
 * @throws GraphQLError where it cannot be read as GraphQL
 */
export const exampleIn = (schemaDir: string): string | null => {
  const file = join(schemaDir, 'example.graphql');
  return existsSync(file) ? stripIgnoredCharacters(readFileSync(file, 'utf8')) : null;
};
