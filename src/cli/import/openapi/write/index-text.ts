import { endpointsVariable } from '../../../../backend/define/endpoints-variable.ts';
import { quoted } from '../../../codegen/layout.ts';
import { oneLine } from '../../names.ts';
import type { ImportedModule } from '../imported-module.ts';

const commented = (lines: readonly string[]): string[] => lines.map((line) => `    // ${oneLine(line)}`);

const serverLine = ({ name, servers }: ImportedModule): string[] => {
  const [server] = servers;
  const variable = endpointsVariable(name, 'api');
  const base = server !== undefined && /^https?:\/\/[^{}\s]+$/.test(server) ? server.replace(/\/+$/, '') : null;
  return base === null ? [`Set its addresses in ${variable}.`] : [`${variable}=${base}`];
};

/** The text of index.ts: the module, which the author owns. */
export const indexText = (module: ImportedModule): string => {
  const { name, title, security, errorFormat } = module;
  const names = ['defineBackend', ...(errorFormat === null ? [] : ['errorFormats']), 'rest', 'sdl'];
  const options = errorFormat === null ? '' : `{ errors: errorFormats.${errorFormat}() }`;
  const credentials =
    security.length === 0
      ? []
      : ['Credentials of the contract, as options of rest():', ...security.map((note) => `- ${note}`)];
  return `${[
    `import { ${names.join(', ')} } from 'tributary/backend';`,
    "import { loaders, merge, type Rows, resolvers } from './imported.generated.ts';",
    "import type { Schema } from './schema.generated.ts';",
    '',
    `/** ${oneLine(title).replaceAll('*/', '')}, over REST. What the contract declares is in imported.generated.ts. */`,
    'export default defineBackend<Schema<Rows>>()({',
    `  name: ${quoted(name)},`,
    '  typeDefs: sdl(import.meta.url),',
    '',
    '  upstreams: {',
    ...commented([...serverLine(module), ...credentials]),
    `    api: rest(${options}),`,
    '  },',
    '',
    '  loaders,',
    '',
    '  merge,',
    '',
    '  // Further resolvers: { ...resolvers, Query: { ...resolvers.Query, more: … } }',
    '  resolvers,',
    '});',
  ].join('\n')}\n`;
};
