import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.url;

/** Where the files of a folder really are, those of linked folders in it included: modules know themselves by that. */
const placesOf = (folder: string): readonly string[] => {
  const links = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return [folder, ...links.map((entry) => join(folder, entry.name)).filter((path) => existsSync(path))].map(
    (path) => pathToFileURL(`${realpathSync(path)}/`).href,
  );
};

/**
 * Lets schema modules in `folder` import `tributary/backend`, `tributary/testing` and what the gateway itself depends on (zod,
 * for one), also when the folder lies outside this repository and has no node_modules of its own.
 *
 * `tributary/*` is always this gateway's: two copies of it would not know each other's values. Anything else is looked
 * for beside the module first. Returns a function that takes the rule back.
 */
export const resolveModulesIn = (folder: string): (() => void) => {
  const places = placesOf(folder);
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const { parentURL = '' } = context;
      if (!places.some((place) => parentURL.startsWith(place)) || /^(\.|\/|node:|file:)/.test(specifier))
        return next(specifier, context);
      if (specifier.startsWith('tributary/')) return next(specifier, { ...context, parentURL: here });
      try {
        return next(specifier, context);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
        return next(specifier, { ...context, parentURL: here });
      }
    },
  });
  return () => hooks.deregister();
};
