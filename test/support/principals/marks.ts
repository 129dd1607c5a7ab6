import { markOf } from '../../../services-mock/stamp.ts';
import { PUBLIC } from './modules.ts';

const MARKED = / <[^<>]*>$/;

/** The marks in one answer, by whose they are. */
export interface Marks {
  /** In records that were made for whoever asked. */
  readonly own: number;
  /** Nobody's, in what is for everybody. */
  readonly shared: number;
  /** Texts with any other mark: somebody is shown what was made for somebody else. */
  readonly foreign: readonly string[];
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

/** @param subject whose token the question was asked with; null for nobody's */
export const marksIn = (answer: unknown, subject: string | null): Marks => {
  const texts = textsIn(answer).filter((text) => MARKED.test(text));
  const isShared = (text: string) => text.startsWith(PUBLIC);
  const isRight = (text: string) => text.endsWith(markOf(isShared(text) ? null : subject));
  const right = texts.filter(isRight);
  const shared = right.filter(isShared).length;
  return { own: right.length - shared, shared, foreign: texts.filter((text) => !isRight(text)) };
};
