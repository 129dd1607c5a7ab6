import type { Kind, Text } from './texts.ts';

/** Words for persons. A component, an endpoint or a caller has a name. */
const PERSONS = /\b(whoever|nobody|somebody|anybody|everybody|whom|whose|who)\b/gi;
/** First words that put the subject last. */
const RELATIVE_OPENING = /^(What|Whether|Who|Whom|Where|How|Of|Those|As|By|Why|When|In)\b/;
/** Verbs of persons. Data is passed, returned, reported or requested. */
const SPEECH = /\b(told|tells?|asked|asks?|hears?|heard|given|gives?|wanted|wants?|says?|said)\b/gi;

/** Shares of three signs of prose that does not name its subject. */
export interface Figures {
  /** Words for persons per 1,000 words. */
  readonly persons: number;
  /** Texts that begin with a relative clause, in percent. */
  readonly openings: number;
  /** Verbs of speech per 1,000 words. */
  readonly speech: number;
}

/** Upper bounds, exclusive. */
export const LIMITS: Readonly<Record<Kind, Figures>> = {
  comments: { persons: 0.5, openings: 6, speech: 7 },
  'test titles': { persons: 0.5, openings: 6, speech: 7 },
  // Markdown also speaks of people: clients, operators and module authors.
  prose: { persons: 2, openings: 6, speech: 7 },
};

const wordsIn = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
const matches = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0;
const sum = (texts: readonly Text[], count: (text: string) => number): number =>
  texts.reduce((total, { text }) => total + count(text), 0);

/** Figures over these texts; zeros for no texts. */
export const figuresOf = (texts: readonly Text[]): Figures => {
  const words = Math.max(sum(texts, wordsIn), 1);
  return {
    persons: (1_000 * sum(texts, (text) => matches(text, PERSONS))) / words,
    openings: (100 * texts.filter(({ text }) => RELATIVE_OPENING.test(text)).length) / Math.max(texts.length, 1),
    speech: (1_000 * sum(texts, (text) => matches(text, SPEECH))) / words,
  };
};

const HAS: Readonly<Record<keyof Figures, (text: string) => boolean>> = {
  persons: (text) => matches(text, PERSONS) > 0,
  openings: (text) => RELATIVE_OPENING.test(text),
  speech: (text) => matches(text, SPEECH) > 0,
};

/** Texts that a figure counts. */
export const offending = (texts: readonly Text[], figure: keyof Figures): readonly Text[] =>
  texts.filter(({ text }) => HAS[figure](text));
