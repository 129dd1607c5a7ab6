import { endpointsVariable } from '../../../../backend/define/endpoints-variable.ts';
import { quoted } from '../../../codegen/layout.ts';
import { oneLine } from '../../names.ts';
import type { ImportedService, ProtoUpstream } from '../imported-service.ts';

const upstreamText = (
  { name, service, reads }: ProtoUpstream,
  { name: module, proto, root }: ImportedService,
): string[] => {
  const options = [
    `proto: ${quoted(`./${proto}`)}`,
    `protoPaths: [${quoted(`./${root}`)}]`,
    `service: ${quoted(service)}`,
    ...(reads.length > 0 ? [`reads: [${reads.map(quoted).join(', ')}]`] : []),
  ];
  return [
    `    // ${endpointsVariable(module, name)}=grpc://…`,
    ...(reads.length > 0
      ? [
          '    // Proposed from the names of the methods. Remove a method that writes: a read is retried and shared by equal calls.',
        ]
      : []),
    `    ${name}: grpc({`,
    ...options.map((option) => `      ${option},`),
    '    }),',
  ];
};

/** The text of index.ts: the module, which the author owns. */
export const serviceIndex = (service: ImportedService): string => {
  const { name, title, upstreams } = service;
  return `${[
    "import { defineBackend, grpc, sdl } from 'tributary/backend';",
    "import { loaders, merge, type Rows, resolvers } from './imported.generated.ts';",
    "import type { Schema } from './schema.generated.ts';",
    '',
    `/** ${oneLine(title).replaceAll('*/', '')}, over gRPC. What the contract declares is in imported.generated.ts. */`,
    'export default defineBackend<Schema<Rows>>()({',
    `  name: ${quoted(name)},`,
    '  typeDefs: sdl(import.meta.url),',
    '',
    '  upstreams: {',
    ...upstreams.flatMap((upstream) => upstreamText(upstream, service)),
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
