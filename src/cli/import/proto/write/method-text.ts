import { quoted } from '../../../codegen/layout.ts';
import { oneLine } from '../../names/names.ts';
import { propertyName } from '../../write/property-name.ts';
import type { ProtoRootField } from '../imported-service.ts';
import type { InputText } from './input-text.ts';
import type { Converted } from './output-text.ts';

/** Writes resolvers of root fields. */
export interface MethodText {
  resolver(field: ProtoRootField, loader: string | null): string;
}

const accessed = (of: string, property: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(property) ? `${of}.${property}` : `${of}[${quoted(property)}]`;

/** Name of the options of a field's mask. */
export const maskName = ({ name, root }: Pick<ProtoRootField, 'name' | 'root'>): string =>
  `${root}_${name}_MASK`.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** Creates a writer of resolvers. */
export const methodText = (input: InputText, convert: Converted): MethodText => {
  const maskOf = (field: ProtoRootField): string[] =>
    field.mask === null ? [] : [`${propertyName(field.mask)}: fieldMask(info, ${maskName(field)})`];

  const request = (field: ProtoRootField, more: readonly string[]): string => {
    const { args } = field;
    const properties = input.properties(args, 'args');
    if (args.length + more.length === 0) return '{}';
    if (properties === null && more.length === 0) return 'args';
    const own =
      properties ??
      args.flatMap(({ name, part }) => (part.kind === 'field' ? `${propertyName(part.field.name)}: args.${name}` : []));
    const line = `{ ${[...own, ...more].join(', ')} }`;
    return line.length < 90 ? line : `{\n${[...own, ...more].map((one) => `        ${one},`).join('\n')}\n      }`;
  };

  const called = (field: ProtoRootField, more: readonly string[]): string =>
    `clients.${field.upstream}.${field.call}(${request(field, more)})`;

  const connection = (field: ProtoRootField, pages: NonNullable<ProtoRootField['pages']>): string => {
    const more = [`${propertyName(pages.size)}: limit`, `${propertyName(pages.token)}: token`, ...maskOf(field)];
    const total =
      pages.total === null
        ? []
        : [
            `total: ${pages.total.isText ? `Number(${accessed('found', pages.total.name)})` : accessed('found', pages.total.name)}`,
          ];
    const results = [
      `rows: ${accessed('found', pages.rows.property)}`,
      `next: ${accessed('found', pages.next)}`,
      ...total,
    ];
    return [
      'connection({',
      "        style: 'token',",
      '        args,',
      '        fetch: async ({ limit, token }) => {',
      `          const found = await ${called(field, more).replaceAll('\n', '\n    ')};`,
      `          return { ${results.join(', ')} };`,
      '        },',
      '      })',
    ].join('\n');
  };

  /** The result, if it is not the response as it is. */
  const result = (field: ProtoRootField): string | null => {
    const { unwrapped } = field;
    if (field.result.type === null) return 'true';
    if (unwrapped === null) return null;
    const value = accessed('found', unwrapped.property);
    return convert(unwrapped, value) ?? value;
  };

  return {
    resolver: (field, loader) => {
      const { name, root, args, pages, mask } = field;
      const type = `${root}Args<'${name}'>`;
      const list = args.length === 0 && pages === null ? `_args: ${type}` : `args: ${type}`;
      const comments = field.notes.map((note) => `    // ${oneLine(note)}\n`).join('');
      const info = mask === null ? '' : ', info: Info';
      const head = (context: string) =>
        `${comments}    ${name}: (_root: unknown, ${list}, { ${context} }: Call${loader === null ? info : ''}) =>\n      `;
      if (loader !== null) return `${head('loaders')}loaders.${loader}.load(args.${args[0]?.name}),`;
      if (pages !== null) return `${head('clients')}${connection(field, pages)},`;
      const value = result(field);
      const call = called(field, maskOf(field));
      if (value === null) return `${head('clients')}${call},`;
      return `${head('clients')}${call}.then((${value === 'true' ? '' : 'found'}) => ${value}),`;
    },
  };
};
