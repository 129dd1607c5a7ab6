import { parseSync } from 'oxc-parser';

/** Kind of text. Each kind has limits of its own. */
export type Kind = 'comments' | 'test titles' | 'prose';

/** One comment, test title or paragraph. */
export interface Text {
  readonly kind: Kind;
  readonly path: string;
  /** Line of the file, from 1. */
  readonly line: number;
  readonly text: string;
}

const CODE_BLOCK = /```[\s\S]*?```/g;
const INLINE_CODE_OR_LINK = /`[^`]*`|\[([^\]]*)\]\([^)]*\)/g;
/** Comments addressed to dependencies. */
const DIRECTIVE = /biome-ignore|@ts-|^#|@vitest/;
const TITLE = /\b(?:test|it|describe)(?:\.\w+)*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g;
/** Shorter paragraphs are labels. */
const MIN_WORDS = 4;

const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

const withoutCode = (text: string): string => text.replace(CODE_BLOCK, '');

/** Comments of a source file, without their markers. */
const commentsOf = (path: string, source: string): Text[] =>
  parseSync(path, source).comments.flatMap(({ value, start }) => {
    const text = withoutCode(value.replaceAll(/^\s*\*+ ?/gm, '')).trim();
    return text === '' || DIRECTIVE.test(text) ? [] : [{ kind: 'comments', path, line: lineAt(source, start), text }];
  });

/** First arguments of `test`, `it` and `describe`. */
const titlesOf = (path: string, source: string): Text[] =>
  [...source.matchAll(TITLE)].map(({ 2: text = '', index }) => ({
    kind: 'test titles',
    path,
    line: lineAt(source, index),
    text,
  }));

/** Paragraphs, list items, headings and table rows of a Markdown file, without code. */
const paragraphsOf = (path: string, source: string): Text[] => {
  // Code keeps its line breaks, so that line numbers stay right.
  const readable = source.replace(CODE_BLOCK, (block) => block.replaceAll(/[^\n]/g, ''));
  const texts: Text[] = [];
  let line = 1;
  for (const paragraph of readable.split(/(?<=\n)(?=\s*\n|[|#>*-] ?)/)) {
    const text = paragraph
      .replace(INLINE_CODE_OR_LINK, '$1')
      .replace(/^[\s|#>*\-\d.]+/, '')
      .trim();
    if (text.split(/\s+/).length >= MIN_WORDS) texts.push({ kind: 'prose', path, line, text });
    line += paragraph.split('\n').length - 1;
  }
  return texts;
};

/** All texts of one file, in the order of the file. Generated files have none. */
export const textsOf = (path: string, source: string): readonly Text[] => {
  if (path.endsWith('.md')) return paragraphsOf(path, source);
  if (!path.endsWith('.ts') || path.includes('generated')) return [];
  return [...commentsOf(path, source), ...(path.endsWith('.test.ts') ? titlesOf(path, source) : [])];
};
