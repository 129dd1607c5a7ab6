import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DefinitionNode, isTypeDefinitionNode, isTypeExtensionNode } from 'graphql';
import { parseSdlParts, sdlOf } from '../../../backend/sdl/sdl.ts';

/** What the names of an imported module must not collide with. */
export interface TakenNames {
  readonly types: ReadonlySet<string>;
  /** Fields of Query and Mutation. */
  readonly fields: ReadonlySet<string>;
  /** All types of other modules, with those whose names the module keeps. A rename to one of them is a join. */
  readonly others: ReadonlySet<string>;
}

const ROOTS = new Set(['Query', 'Mutation']);

const definitionsIn = (file: string): readonly DefinitionNode[] => {
  try {
    return parseSdlParts(sdlOf(readFileSync(file, 'utf8'), file)).definitions;
  } catch {
    // Codegen reports SDL that is not valid.
    return [];
  }
};

interface DefinedNames {
  readonly types: Set<string>;
  readonly fields: Set<string>;
}

const namesIn = (files: readonly string[]): DefinedNames => {
  const types = new Set<string>();
  const fields = new Set<string>();
  for (const node of files.flatMap((file) => (existsSync(file) ? definitionsIn(file) : []))) {
    if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
    if (!ROOTS.has(node.name.value)) types.add(node.name.value);
    else if ('fields' in node) for (const field of node.fields ?? []) fields.add(field.name.value);
  }
  return { types, fields };
};

/**
 * Names that the other modules in `schemaDir` define. The module in `folder` keeps the names that its last import
 * gave, also if another module has them since, such as a type that refers to its rows by key. Names that `renames`
 * choose are not among them.
 */
export const takenNames = (schemaDir: string, folder: string, renames: readonly string[]): TakenNames => {
  const modules = existsSync(schemaDir) ? readdirSync(schemaDir).filter((name) => name !== basename(folder)) : [];
  const others = namesIn(modules.map((name) => join(schemaDir, name, 'schema.graphql')));
  const own = namesIn([join(folder, 'imported.generated.graphql')]);
  for (const text of renames) {
    const [, target = ''] = text.split('=');
    own.types.delete(target);
    own.fields.delete(target);
  }
  return {
    types: new Set([...others.types].filter((name) => !own.types.has(name))),
    fields: new Set([...others.fields].filter((name) => !own.fields.has(name))),
    others: others.types,
  };
};
