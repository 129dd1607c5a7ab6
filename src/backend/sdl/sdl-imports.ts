import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type DefinitionNode, type DocumentNode, GraphQLError, parse, Source, visit } from 'graphql';

/** SDL and its file, for the location of problems. */
export interface SdlPart {
  readonly text: string;
  /** Path of the file. */
  readonly file: string;
}

/** `# import Money, PageInfo from "../common.graphql"`, the notation of GraphQL Import. */
const IMPORT = /^[ \t]*#[ \t]*import[ \t]+(.+?)[ \t]+from[ \t]+(["'])(.+?)\2[ \t]*;?[ \t]*$/gm;

const ALL = '*';

interface Import {
  readonly names: readonly string[];
  readonly file: string;
  /** `file:line` of the import. */
  readonly at: string;
}

const importsIn = ({ text, file }: SdlPart): readonly Import[] =>
  [...text.matchAll(IMPORT)].map(({ 1: names = '', 3: path = '', index }) => ({
    names: names.split(',').map((name) => name.trim()),
    file: resolve(dirname(file), path),
    at: `${file}:${text.slice(0, index).split('\n').length}`,
  }));

const nameOf = (node: DefinitionNode): string | undefined => ('name' in node ? node.name?.value : undefined);

const typesIn = (node: DefinitionNode): ReadonlySet<string> => {
  const names = new Set<string>();
  visit(node, {
    NamedType: ({ name }) => void names.add(name.value),
    Directive: ({ name }) => void names.add(name.value),
  });
  return names;
};

/** A file from which definitions are imported. */
interface ImportedFile {
  readonly text: string;
  readonly document: DocumentNode;
  readonly selected: Set<DefinitionNode>;
}

const read = ({ file, at }: Import): ImportedFile => {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, document: parse(new Source(text, file)), selected: new Set() };
  } catch (cause) {
    if (cause instanceof GraphQLError) {
      const { line, column } = cause.locations?.[0] ?? { line: 1, column: 1 };
      throw new Error(`${file}:${line}:${column}: ${cause.message}: correct the SDL here`, { cause });
    }
    throw new Error(`${at}: ${file} cannot be read: correct the path of the import`, { cause });
  }
};

/** Blanks, with the line breaks of a text. */
const blank = (text: string): string => text.replaceAll(/[^\n\r]/g, ' ');

const onlySelected = ({ text, document, selected }: ImportedFile): string => {
  let rest = '';
  let end = 0;
  for (const node of document.definitions.filter((one) => selected.has(one))) {
    const { loc } = node;
    if (loc === undefined) continue;
    rest += blank(text.slice(end, loc.start)) + text.slice(loc.start, loc.end);
    end = loc.end;
  }
  return rest;
};

/**
 * Returns the definitions that a file imports, by their files. A definition brings what it refers to in its own file, and
 * what that file imports.
 *
 * @throws Error for a file that cannot be read or parsed, and for a name that it does not define
 */
export const importedParts = (root: SdlPart): readonly SdlPart[] => {
  const files = new Map<string, ImportedFile>();

  const select = (source: ImportedFile, name: string): boolean => {
    const named = source.document.definitions.filter((node) => nameOf(node) === name);
    for (const node of named) {
      if (source.selected.has(node)) continue;
      source.selected.add(node);
      for (const used of typesIn(node)) select(source, used);
    }
    return named.length > 0;
  };

  const include = (part: SdlPart): void => {
    for (const one of importsIn(part)) {
      if (one.file === root.file) continue;
      const known = files.get(one.file);
      const source = known ?? read(one);
      files.set(one.file, source);
      if (known === undefined) include({ text: source.text, file: one.file });
      const names = one.names.includes(ALL)
        ? source.document.definitions.flatMap((node) => nameOf(node) ?? [])
        : one.names;
      for (const name of names)
        if (!select(source, name))
          throw new Error(`${one.at}: ${one.file} does not define ${name}: correct the name, or define it there`);
    }
  };

  include(root);
  return [...files].map(([file, source]) => ({ file, text: onlySelected(source) }));
};
