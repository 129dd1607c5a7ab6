import type {
  Definition,
  GraphArgument,
  GraphField,
  ImportedField,
  ImportedGraph,
  ImportedType,
  ScalarType,
} from '../imported-graph.ts';
import { oneLine } from '../names/names.ts';

/** A type in SDL, without `!` at its end. */
export const sdlType = (type: ImportedType): string => {
  if (type.kind === 'list') return `[${sdlType(type.item)}${type.isItemNullable ? '' : '!'}]`;
  return type.kind === 'map' ? `[${type.name}!]` : type.name;
};

/** The JSON in a type, with its reason; null for another type. */
export const jsonOf = (type: ImportedType): ScalarType | null => {
  if (type.kind === 'list') return jsonOf(type.item);
  return type.kind === 'scalar' && type.reason !== undefined ? type : null;
};

const blockText = (text: string, pad: string): string[] => {
  // A block string must not end with a quote or a backslash, nor contain its own delimiter.
  const safe = text
    .replaceAll('"""', '\\"""')
    .replaceAll(/[^\P{C}\n\t]/gu, '')
    .trim();
  const lines = safe.split(/\r?\n/).map((line) => line.trimEnd());
  if (lines.length === 1 && !/["\\]/.test(safe)) return [`${pad}"${safe}"`];
  return [`${pad}"""`, ...lines.map((line) => (line === '' ? '' : pad + line)), `${pad}"""`];
};

const described = (description: string | null, pad = ''): string[] =>
  description === null || description.trim() === '' ? [] : blockText(description, pad);

const reasonLine = (type: ImportedType, pad: string): string[] => {
  const json = jsonOf(type);
  return json === null
    ? []
    : [`${pad}# JSON${json.isByContract === true ? ' by contract' : ''}: ${oneLine(json.reason ?? '')}.`];
};

const argument = ({ name, type, isRequired, defaultValue, description }: GraphArgument): string[] => [
  ...described(description, '    '),
  ...reasonLine(type, '    '),
  `    ${name}: ${sdlType(type)}${isRequired ? '!' : ''}${defaultValue === null ? '' : ` = ${defaultValue}`}`,
];

const PAGE_ARGUMENTS = ['    first: Int', '    after: String'];

const resultType = ({ result, pages }: GraphField): string => {
  if (pages !== null) return pages.connection;
  return result.type === null ? 'Boolean' : sdlType(result.type);
};

/** Arguments on one line if none has a text of its own. */
const argumentList = (field: GraphField): string => {
  const input =
    field.body === null
      ? []
      : [
          ...reasonLine(field.body.type, '    '),
          `    input: ${sdlType(field.body.type)}${field.body.isRequired ? '!' : ''}`,
        ];
  const lines = [...field.args.flatMap(argument), ...input, ...(field.pages === null ? [] : PAGE_ARGUMENTS)];
  if (lines.length === 0) return '';
  const isPlain = lines.every((line) => !/^\s*["#]/.test(line)) && lines.length <= 3;
  return isPlain ? `(${lines.map((line) => line.trim()).join(', ')})` : `(\n${lines.join('\n')}\n  )`;
};

const rootField = (field: GraphField): string[] => [
  ...described(field.description, '  '),
  ...(field.result.type === null || field.pages !== null ? [] : reasonLine(field.result.type, '  ')),
  `  ${field.name}${argumentList(field)}: ${resultType(field)}${field.deprecated ? ' @deprecated' : ''}`,
];

const memberField = ({ name, type, isRequired, description, deprecated }: ImportedField): string[] => [
  ...described(description, '  '),
  ...reasonLine(type, '  '),
  `  ${name}: ${sdlType(type)}${isRequired ? '!' : ''}${deprecated ? ' @deprecated' : ''}`,
];

const definitionText = (definition: Definition): string => {
  const head = described(definition.description);
  if (definition.kind === 'enum')
    return [...head, `enum ${definition.name} {`, ...definition.values.map(({ name }) => `  ${name}`), '}'].join('\n');
  if (definition.kind === 'union')
    return [...head, `union ${definition.name} = ${definition.members.map(({ name }) => name).join(' | ')}`].join('\n');
  const keyword = definition.kind === 'object' ? 'type' : 'input';
  const oneOf = definition.kind === 'input' && definition.isOneOf ? ' @oneOf' : '';
  return [...head, `${keyword} ${definition.name}${oneOf} {`, ...definition.fields.flatMap(memberField), '}'].join(
    '\n',
  );
};

/** The SDL of a module, without a header. */
export const sdlText = ({ fields, definitions }: Pick<ImportedGraph, 'fields' | 'definitions'>): string => {
  const roots = (['Query', 'Mutation'] as const).flatMap((root) => {
    const own = fields.filter((field) => field.root === root);
    return own.length === 0 ? [] : [`type ${root} {\n${own.flatMap(rootField).join('\n')}\n}`];
  });
  return `${[...roots, ...definitions.map(definitionText)].join('\n\n')}\n`;
};
