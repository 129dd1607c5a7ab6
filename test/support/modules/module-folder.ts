import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { emptyFolder, writeIn } from '../processes/checkout.ts';

/** A folder outside the repository with these files, by path and text, until the test ends. */
export const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = emptyFolder();
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) writeIn(folder, path, text);
  return folder;
};

/** Source of a module with one root field of its own name. */
export const moduleSource = (name: string): string => `
import { defineBackend } from 'tributary/backend';
const text: string = 'type Query { ${name}: Int }';
export default defineBackend()({
  name: '${name}',
  typeDefs: { text, file: import.meta.filename },
  resolvers: { Query: { '${name}': () => 1 } },
});
`;
