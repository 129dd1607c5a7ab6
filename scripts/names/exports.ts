import { parseSync } from 'oxc-parser';

/** An exported declaration. Re-exports and default exports are not declarations. */
export interface Exported {
  readonly name: string;
  readonly path: string;
}

/** Returns the exported declarations of a file, in order, each name once. */
export const exportsOf = (path: string, source: string): readonly Exported[] => {
  const names = new Set<string>();
  for (const statement of parseSync(path, source).program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
    const { declaration } = statement;
    if (declaration.type === 'VariableDeclaration')
      for (const { id } of declaration.declarations) if (id.type === 'Identifier') names.add(id.name);
    if ('id' in declaration && declaration.id?.type === 'Identifier') names.add(declaration.id.name);
  }
  return Array.from(names, (name) => ({ name, path }));
};
