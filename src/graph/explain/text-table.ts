/** Width in characters that fits next to a prompt and in a review. */
const WIDTH = 99;

const GAP = '  ';

/** Width that every column keeps free for each one after it. */
const LEAST = 10;

export interface Column {
  readonly title: string;
  /** Longer cells wrap between words. A column is as wide as its longest word, so that a name stays in one piece. */
  readonly most: number;
}

const indentOf = (line: string): string => /^ */.exec(line)?.[0] ?? '';

const longestWord = (line: string): number =>
  indentOf(line).length +
  Math.max(
    ...line
      .trim()
      .split(' ')
      .map((word) => word.length),
  );

/** Splits a line of a cell into lines of at most `width` characters. Continuation lines are indented. */
const wrapped = (text: string, width: number): readonly string[] => {
  const indent = indentOf(text);
  const further = indent.slice(0, width / 2);
  const lines: string[] = [];
  let line = indent.slice(0, width / 2);
  let isEmpty = true;
  for (const word of text.trim().split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = further;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
    for (; line.length > width; line = further + line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
};

/** Formats rows below a line of titles. The last column takes the remaining width; a cell may have several lines. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const widths: number[] = [];
  for (const [at, { title, most }] of columns.entries()) {
    const cells = rows.flatMap((row) => (row[at] ?? '').split('\n'));
    const longest = Math.max(title.length, ...cells.map((line) => line.length));
    const after = (columns.length - at - 1) * (LEAST + GAP.length);
    const left = WIDTH - after - widths.reduce((sum, width) => sum + width + GAP.length, 0);
    widths.push(Math.min(longest, Math.max(most, ...cells.map(longestWord)), left));
  }
  const lines = [columns.map(({ title }) => title), ...rows].flatMap((row) => {
    const cells = widths.map((width, at) => (row[at] ?? '').split('\n').flatMap((line) => wrapped(line, width)));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, at) => (cell[line] ?? '').padEnd(widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    );
  });
  return lines.join('\n');
};
