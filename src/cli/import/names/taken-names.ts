import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type DefinitionNode, isTypeDefinitionNode, isTypeExtensionNode } from 'graphql';
import { parseSdlParts, sdlOf } from '../../../backend/sdl/sdl.ts';

/** What the names of an imported module must not collide with. */
export interface TakenNames {
  readonly types: ReadonlySet<string>;
  /** Fields of Query and Mutation. */
  readonly fields: ReadonlySet<string>;
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

/** Names that the other modules in `schemaDir` define. */
export const takenNames = (schemaDir: string, folder: string): TakenNames => {
  const types = new Set<string>();
  const fields = new Set<string>();
  const others = existsSync(schemaDir) ? readdirSync(schemaDir).filter((name) => name !== basename(folder)) : [];
  for (const name of others) {
    const file = join(schemaDir, name, 'schema.graphql');
    for (const node of existsSync(file) ? definitionsIn(file) : []) {
      if (!isTypeDefinitionNode(node) && !isTypeExtensionNode(node)) continue;
      if (!ROOTS.has(node.name.value)) types.add(node.name.value);
      else if ('fields' in node) for (const field of node.fields ?? []) fields.add(field.name.value);
    }
  }
  return { types, fields };
};
