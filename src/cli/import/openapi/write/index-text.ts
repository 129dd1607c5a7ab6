import { endpointsVariable } from '../../../../backend/define/endpoints-variable.ts';
import { oneLine } from '../../names/names.ts';
import { moduleIndex } from '../../write/module-index.ts';
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
  const members = [...module.options, ...(errorFormat === null ? [] : [`errors: errorFormats.${errorFormat}()`])];
  const line = members.length === 0 ? '' : `{ ${members.join(', ')} }`;
  const options = line.length < 100 ? line : `{\n${members.map((member) => `      ${member},`).join('\n')}\n    }`;
  const credentials =
    security.length === 0
      ? []
      : ['Credentials of the contract, as options of rest():', ...security.map((note) => `- ${note}`)];
  return moduleIndex({
    name,
    title,
    protocol: 'REST',
    imports: [
      'defineBackend',
      ...(errorFormat === null ? [] : ['errorFormats']),
      'rest',
      'sdl',
      ...(module.secrets.length === 0 ? [] : ['secret']),
    ],
    declared: ['loaders', 'merge', 'type Rows', 'resolvers'],
    upstreams: [...commented([...serverLine(module), ...credentials]), `    api: rest(${options}),`],
  });
};
