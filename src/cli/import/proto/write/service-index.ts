import { endpointsVariable } from '../../../../backend/define/endpoints-variable.ts';
import { quoted } from '../../../codegen/layout.ts';
import { moduleIndex } from '../../write/module-index.ts';
import type { ImportedService, ProtoUpstream } from '../imported-service.ts';

const upstreamText = (
  { name, service, reads }: ProtoUpstream,
  { name: module, title, proto, root }: ImportedService,
): string[] => {
  const options = [
    `proto: ${quoted(`./${proto}`)}`,
    `protoPaths: [${quoted(`./${root}`)}]`,
    `service: ${quoted(service)}`,
    ...(reads.length > 0 ? [`reads: [${reads.map(quoted).join(', ')}]`] : []),
  ];
  return [
    `    // ${endpointsVariable(module, name)}=${/^grpcs?:/.test(title) ? title : 'grpc://…'}`,
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
export const serviceIndex = (service: ImportedService): string =>
  moduleIndex({
    name: service.name,
    title: service.title,
    protocol: 'gRPC',
    imports: ['defineBackend', 'grpc', 'sdl'],
    declared: ['loaders', 'merge', 'type Rows', 'resolvers'],
    upstreams: service.upstreams.flatMap((upstream) => upstreamText(upstream, service)),
  });
