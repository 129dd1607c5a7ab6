import { markOf } from '../../../services-mock/stamp.ts';
import { PUBLIC } from './modules.ts';

const MARKED = / <[^<>]*>$/;

/** Marks in one answer, by their subject. */
export interface Marks {
  /** Marks in records made for the caller. */
  readonly own: number;
  /** Marks in public records, which have no subject. */
  readonly shared: number;
  /** Texts with any other mark: data of another caller. */
  readonly foreign: readonly string[];
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** @param subject of the caller's token; null for an anonymous one */
export const marksIn = (answer: unknown, subject: string | null): Marks => {
  const texts = textsIn(answer).filter((text) => MARKED.test(text));
  const isShared = (text: string) => text.startsWith(PUBLIC);
  const isRight = (text: string) => text.endsWith(markOf(isShared(text) ? null : subject));
  const right = texts.filter(isRight);
  const shared = right.filter(isShared).length;
  return { own: right.length - shared, shared, foreign: texts.filter((text) => !isRight(text)) };
};
