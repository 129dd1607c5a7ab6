import { quoted } from '../../codegen/layout.ts';
import { oneLine } from '../names/names.ts';

/** The parts of index.ts that depend on the kind of the contract. */
export interface ModuleIndex {
  /** Name of the module. */
  readonly name: string;
  readonly title: string;
  readonly protocol: 'REST' | 'gRPC' | 'GraphQL';
  /** Names from `tributary/backend`, in the order in which they are written. */
  readonly imports: readonly string[];
  /** Names from imported.generated.ts, in the order in which they are written. */
  readonly declared: readonly string[];
  /** Lines inside of `upstreams`. */
  readonly upstreams: readonly string[];
}

/** The text of index.ts: the module, which the author owns. */
export const moduleIndex = ({ name, title, protocol, imports, declared, upstreams }: ModuleIndex): string =>
  `${[
    `import { ${imports.join(', ')} } from 'tributary/backend';`,
    `import { ${declared.join(', ')} } from './imported.generated.ts';`,
    "import type { Schema } from './schema.generated.ts';",
    '',
    `/** ${oneLine(title).replaceAll('*/', '')}, over ${protocol}. What the contract declares is in imported.generated.ts. */`,
    `export default defineBackend<${declared.includes('type Rows') ? 'Schema<Rows>' : 'Schema'}>()({`,
    `  name: ${quoted(name)},`,
    '  typeDefs: sdl(import.meta.url),',
    '',
    '  upstreams: {',
    ...upstreams,
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
