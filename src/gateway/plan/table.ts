/** What fits beside a prompt, and in a review. */
const WIDTH = 99;

const GAP = '  ';

export interface Column {
  readonly title: string;
  /** Longer cells go on in the next line. */
  readonly most: number;
}

/** A line of a cell, in lines of at most so many characters. What goes on stands further in. */
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

/** Rows below a line of titles. The last column takes what the others leave; a cell may have several lines. */
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
