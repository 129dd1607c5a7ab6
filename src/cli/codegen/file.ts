import { relative } from 'node:path';
import type { ModuleFiles } from './modules.ts';
import { createNames } from './names.ts';
import type { NeededTypes } from './needed-types.ts';
import type { ReadProtos } from './proto/proto.ts';
import { createProtoTypes } from './proto/proto-types.ts';
import { messageRows, schemaInterface } from './schema-interface.ts';
import type { ParsedSdl } from './sdl/sdl.ts';
import { sdlDeclarations } from './sdl/sdl-declarations.ts';
import { createSdlTypes } from './sdl/sdl-types.ts';

const enumerated = (names: readonly string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join();

/** Text of a module's generated file. Depends on the module's sources only. */
export const fileText = (
  { folder, sdl: sdlFile }: ModuleFiles,
  sdl: ParsedSdl,
  { files, services }: ReadProtos,
  needs: NeededTypes,
): string => {
  const names = createNames();
  const sdlTypes = createSdlTypes(sdl, names);
  const protoTypes = createProtoTypes(services, names);
  const declarations = [
    ...sdlDeclarations(sdl, sdlTypes),
    ...protoTypes.declarations,
    ...messageRows(sdl, protoTypes, names.give('MessageRows', '_')),
    schemaInterface(sdl, services, needs, { sdlTypes, protoTypes }),
  ];
  const from = [sdlFile, ...sdl.imports, ...files].map((file) => relative(folder, file));
  const header = `// Written by \`npm run codegen\` from ${enumerated(from)}. Do not edit.`;
  const imports = declarations.some((text) => text.includes('Source<Rows, '))
    ? ["import type { Source } from 'tributary/backend';"]
    : [];
  return `${[[header, ...imports].join('\n'), ...declarations].join('\n\n')}\n`;
};
