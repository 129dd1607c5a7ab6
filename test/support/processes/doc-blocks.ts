import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './processes.ts';

/** A fenced block of a document. */
export interface DocBlock {
  readonly language: string;
  readonly text: string;
  /** The file that the line before the block names. */
  readonly file: string | null;
  /** True if that line declares the block to be a part of the file. */
  readonly excerpt: boolean;
}

/** The fenced blocks of a document of this repository, in order. */
export const blocksOf = (document: string): readonly DocBlock[] => {
  const fenced = /(?:^`(?<file>[^`\n]+)`(?<excerpt>, an excerpt)?\n\n)?^```(?<language>\w+)\n(?<text>[\s\S]*?)^```$/gm;
  return [...readFileSync(join(ROOT, document), 'utf8').matchAll(fenced)].map(({ groups = {} }) => ({
    language: groups.language ?? '',
    text: groups.text ?? '',
    file: groups.file ?? null,
    excerpt: groups.excerpt !== undefined,
  }));
};
