const WIDTH = 120;

/** A readonly property of an interface or an object type. */
export interface PropertyLayout {
  readonly name: string;
  readonly optional?: boolean;
  readonly type: TypeLayout;
  readonly doc?: string | null | undefined;
}

/** Text of a type, or an object type. An `open` one always has one line per member. */
export type TypeLayout = string | { readonly members: readonly PropertyLayout[]; readonly open?: boolean };

/** Splits a union into its alternatives. Returns any other type unchanged. */
export const alternatives = (text: string): string[] => {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  let quoted = false;
  for (const [at, character] of text.split('').entries()) {
    if (character === "'") quoted = !quoted;
    if (quoted) continue;
    if ('({[<'.includes(character)) depth += 1;
    if (')}]>'.includes(character)) depth -= 1;
    if (character === '|' && depth === 0) {
      found.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return [...found, text.slice(start).trim()];
};

/** Lines of a JSDoc comment; empty without a text. */
export const comment = (doc: string | null | undefined, pad = ''): string[] => {
  const lines = (doc ?? '').trim().replaceAll('*/', '*\\/').split(/\r?\n/);
  if (lines.length > 1) return [`${pad}/**`, ...lines.map((line) => `${pad} * ${line}`.trimEnd()), `${pad} */`];
  return lines[0] === '' ? [] : [`${pad}/** ${lines[0]} */`];
};

/** Quotes a text as a string literal. */
export const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

const property = ({ name, optional = false }: PropertyLayout): string =>
  `readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)}${optional ? '?' : ''}: `;

/** The shape on one line; null if it needs several. */
const flat = (shape: TypeLayout): string | null => {
  if (typeof shape === 'string') return shape;
  if (shape.members.length === 0) return '{}';
  if (shape.open || shape.members.some(({ doc }) => doc)) return null;
  const parts = shape.members.map((member) => {
    const type = flat(member.type);
    return type === null ? null : property(member) + type;
  });
  return parts.includes(null) ? null : `{ ${parts.join('; ')} }`;
};

const typed = (head: string, shape: TypeLayout, pad = ''): string[] => {
  const line = flat(shape);
  if (line !== null && head.length + line.length < WIDTH) return [`${head}${line};`];
  if (typeof shape !== 'string') return [`${head}{`, ...members(shape.members, `${pad}  `), `${pad}};`];
  const parts = alternatives(shape);
  if (parts.length === 1) return [`${head}${shape};`];
  return [head.trimEnd(), ...parts.map((part, at) => `${pad}  | ${part}${at === parts.length - 1 ? ';' : ''}`)];
};

const members = (list: readonly PropertyLayout[], pad: string): string[] =>
  list.flatMap((member) => [...comment(member.doc, pad), ...typed(pad + property(member), member.type, pad)]);

/** `export type <name> = …;` with its comment. */
export const typeAlias = (name: string, type: string, doc?: string | null): string =>
  [...comment(doc), ...typed(`export type ${name} = `, type)].join('\n');

/** `export interface <name> { … }` with its comment. */
export const interfaceOf = (name: string, list: readonly PropertyLayout[], doc?: string | null): string =>
  list.length === 0
    ? [...comment(doc), `export interface ${name} {}`].join('\n')
    : [...comment(doc), `export interface ${name} {`, ...members(list, '  '), '}'].join('\n');
