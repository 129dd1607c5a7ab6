import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripIgnoredCharacters } from 'graphql';

/**
 * The example operation of a schema folder (`example.graphql`) on one line; null without one.
 *
 * @throws GraphQLError for invalid GraphQL
 */
export const exampleIn = (schemaDir: string): string | null => {
  const file = join(schemaDir, 'example.graphql');
  return existsSync(file) ? stripIgnoredCharacters(readFileSync(file, 'utf8')) : null;
};
