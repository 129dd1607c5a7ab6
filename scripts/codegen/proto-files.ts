import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { importMistake, syntaxMistake } from './proto-mistakes.ts';

const BUNDLED = 'google/protobuf/';

/** Google's usual files, which are part of the parser. */
const bundled = (target: string): protobuf.INamespace | null =>
  target.includes(BUNDLED) ? protobuf.common.get(target.slice(target.lastIndexOf(BUNDLED))) : null;

/** Google's rarer files, and those of google/api, which lie beside the parser. */
const GOOGLE = dirname(fileURLToPath(import.meta.resolve('protobufjs/package.json')));

// Not Root.load: it stops at the first mistake and does not always say in which file that is.
/**
 * A .proto file together with all that it imports. Imports are looked for beside it, beside the file that names them,
 * and in the module's folder; Google's own need no copy.
 */
export const loadProto = (
  entry: string,
  moduleFolder: string,
): { readonly root: protobuf.Root; readonly mistakes: readonly string[] } => {
  const root = new protobuf.Root();
  const mistakes: string[] = [];
  const seen = new Set<string>();
  const add = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    const parsed = parse(file, text);
    const weak = parsed?.weakImports ?? [];
    for (const target of [...(parsed?.imports ?? []), ...weak]) {
      const definitions = bundled(target);
      const places = [dirname(entry), dirname(file), moduleFolder, GOOGLE].map((folder) => resolve(folder, target));
      const path = places.find((place) => existsSync(place));
      if (definitions) addBundled(target, definitions);
      else if (path !== undefined) add(path);
      else if (!weak.includes(target)) mistakes.push(importMistake(file, text, target));
    }
  };
  const addBundled = (target: string, { nested }: protobuf.INamespace): void => {
    if (!seen.has(target) && nested) root.addJSON(nested);
    seen.add(target);
  };
  const parse = (file: string, text: string): protobuf.IParserResult | null => {
    try {
      // Its types do not say so, but this is how the parser knows what to write into `filename` of what it finds.
      Object.assign(protobuf.parse, { filename: file });
      return protobuf.parse(text, root, { alternateCommentMode: true });
    } catch (error) {
      mistakes.push(syntaxMistake(file, text, error));
      return null;
    }
  };
  add(entry);
  return { root, mistakes };
};
