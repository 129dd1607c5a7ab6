import { type Expression, type Node, type Program, parseSync, Visitor } from 'oxc-parser';

/** Imports and globals of a file, in source order, each name once. */
export interface References {
  /** Specifiers of every kind of import: values, types, re-exports, `import('x')` in code and in types. */
  readonly imports: readonly string[];
  /** Globals in use: `setTimeout`, or with its member `Date.now`. */
  readonly globals: readonly string[];
}

/** @throws Error with the path of a file that does not parse. */
export const referencesOf = (path: string, source: string): References => {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path} does not parse: ${errors[0].message}`);
  return { imports: importsIn(program), globals: globalsIn(program) };
};

const importsIn = (program: Program): string[] => {
  const found = new Set<string>();
  const add = (source: Expression | null) => {
    if (source?.type === 'Literal' && typeof source.value === 'string') found.add(source.value);
    // A template without holes is as static as a string.
    const [text, ...rest] = source?.type === 'TemplateLiteral' ? source.quasis : [];
    if (text && rest.length === 0) found.add(text.value.cooked ?? text.value.raw);
  };
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
  }).visit(program);
  return [...found];
};

const globalsIn = (program: Program): string[] => {
  const found = new Set<string>();
  const names = new Set<number>();
  const isName = (key: { readonly start: number }, computed: boolean) => {
    if (!computed) names.add(key.start);
  };
  new Visitor({
    // Enclosing nodes are visited first, so that property names are known before their identifiers are visited.
    MemberExpression: ({ object, property, computed }) => {
      isName(property, computed);
      const member = computed ? literalOf(property) : property.type === 'Identifier' ? property.name : null;
      if (object.type !== 'Identifier' || member === null) return;
      found.add(object.name === 'globalThis' ? member : `${object.name}.${member}`);
    },
    VariableDeclarator: ({ id, init }) => {
      if (id.type !== 'ObjectPattern' || init?.type !== 'Identifier') return;
      for (const property of id.properties)
        if (property.type === 'Property' && property.key.type === 'Identifier')
          found.add(init.name === 'globalThis' ? property.key.name : `${init.name}.${property.key.name}`);
    },
    Property: ({ key, computed, shorthand }) => isName(key, computed || shorthand),
    MethodDefinition: ({ key, computed }) => isName(key, computed),
    PropertyDefinition: ({ key, computed }) => isName(key, computed),
    TSMethodSignature: ({ key, computed }) => isName(key, computed),
    TSPropertySignature: ({ key, computed }) => isName(key, computed),
    TSTypeQuery: ({ exprName }) => isName(exprName, false),
    Identifier: ({ name, start }) => {
      if (!names.has(start)) found.add(name);
    },
  }).visit(program);
  return [...found];
};

const literalOf = (node: Node): string | null =>
  node.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
