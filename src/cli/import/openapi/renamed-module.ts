import type { TakenNames } from '../names/taken-names.ts';
import { GraphRenames } from '../renamed-graph.ts';
import { usedDefinitions } from '../used-definitions.ts';
import type { ImportedLoader, ImportedModule, ImportedPages } from './imported-module.ts';

/**
 * Gives types and fields of a module the names that its author chooses.
 *
 * @throws UsageError for names that do not exist, or would exist twice
 */
export const renamedModule = (module: ImportedModule, texts: readonly string[], taken: TakenNames): ImportedModule => {
  if (texts.length === 0) return module;
  const definitions = usedDefinitions(module);
  const names = new GraphRenames(texts, { ...module, definitions }, taken);
  const pagesOf = (pages: ImportedPages | null): ImportedPages | null => {
    if (pages === null) return null;
    const row = 'name' in pages.item ? pages.item.name : '';
    return {
      ...pages,
      item: names.type(pages.item),
      connection: names.renames.type(pages.connection),
      cursor: pages.cursor && names.renames.field(row, pages.cursor),
    };
  };
  const loaderOf = (loader: ImportedLoader): ImportedLoader => ({
    ...loader,
    type: names.renames.type(loader.type),
    key: loader.key && names.renames.field(loader.type, loader.key),
    response: names.type(loader.response),
    pages: pagesOf(loader.pages),
    field: loader.field && names.renames.field('Query', loader.field),
  });
  return {
    ...module,
    definitions: definitions.map((definition) => names.definition(definition)),
    fields: module.fields.map((field) => ({ ...names.root(field), pages: pagesOf(field.pages) })),
    loaders: module.loaders.map(loaderOf),
  };
};
