import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const here = import.meta.url;

/** Returns the real paths of the folder and of linked folders in it, because modules are identified by real paths. */
const placesOf = (folder: string): readonly string[] => {
  const links = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return [folder, ...links.map((entry) => join(folder, entry.name)).filter((path) => existsSync(path))].map(
    (path) => pathToFileURL(`${realpathSync(path)}/`).href,
  );
};

/**
 * Lets schema modules in `folder` import `tributary/backend`, `tributary/testing` and the dependencies of the gateway,
 * such as zod, even if the folder is outside this repository and has no node_modules.
 *
 * `tributary/*` always resolves to this gateway, because two copies would not recognise each other's values. Other
 * packages are resolved from the module first. Returns a function that removes the hook.
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
