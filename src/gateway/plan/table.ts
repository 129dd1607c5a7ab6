/** Width in characters that fits next to a prompt and in a review. */
const WIDTH = 99;

const GAP = '  ';

export interface Column {
  readonly title: string;
  /** Longer cells wrap. */
  readonly most: number;
}

/** Splits a line of a cell into lines of at most `width` characters. Continuation lines are indented. */
const wrapped = (text: string, width: number): readonly string[] => {
  const [indent = ''] = /^ */.exec(text) ?? [];
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
    const longest = Math.max(
      title.length,
      ...rows.flatMap((row) => (row[at] ?? '').split('\n').map((line) => line.length)),
    );
    const left = WIDTH - widths.reduce((sum, width) => sum + width + GAP.length, 0);
    widths.push(Math.min(longest, most, left));
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
