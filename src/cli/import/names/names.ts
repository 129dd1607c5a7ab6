/** Splits a name or a path into its words: `HTMLPage`, `html_page` and `/html/page` have `html` and `page`. */
export const wordsOfName = (text: string): string[] =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

/** A GraphQL name cannot begin with a digit, and names that begin with _ are reserved. */
const legal = (name: string, prefix: string): string => (name === '' || /^\d/.test(name) ? prefix + name : name);

/** Name of a type: `order_item` is `OrderItem`. */
export const typeName = (text: string): string => legal(wordsOfName(text).map(capitalized).join(''), 'Type');

/** Name of a field or an argument: `order_item` is `orderItem`. A name in camel case stays as it is. */
export const fieldName = (text: string): string => {
  if (/^[a-z][A-Za-z0-9]*$/.test(text)) return text;
  const [first = '', ...others] = wordsOfName(text);
  return legal(first.toLowerCase() + others.map(capitalized).join(''), 'field');
};

const SIGNS: Readonly<Record<string, string>> = {
  '+': ' PLUS ',
  '-': ' MINUS ',
  '<': ' LT ',
  '>': ' GT ',
  '=': ' EQ ',
  '*': ' ALL ',
};

/** Name of an enum value: `in-progress` is `IN_PROGRESS`, `+1` is `PLUS_1`. */
export const enumValueName = (value: string | number): string => {
  const text = String(value);
  const isSigned = /^[^A-Za-z0-9]/.test(text);
  const spelled = isSigned ? text.replaceAll(/[-+<>=*]/g, (sign) => SIGNS[sign] ?? '') : text;
  return legal(wordsOfName(spelled).join('_').toUpperCase(), 'VALUE_');
};

/** The singular of an English plural, by the common endings: `categories` is `category`. */
export const singularOf = (word: string): string => {
  if (/ies$/i.test(word)) return word.replace(/ies$/i, 'y');
  if (/(ss|us|is)$/i.test(word)) return word;
  if (/(ses|xes|ches|shes)$/i.test(word)) return word.replace(/es$/i, '');
  return word.replace(/s$/i, '');
};

/** Allocates names, each once. */
export interface NamePool {
  /** Candidates that were taken from the beginning, each by the name that was allocated in its place. */
  readonly avoided: ReadonlyMap<string, string>;
  /** Returns the first free one of `candidates`; if all are taken, the last one with a number. */
  take(...candidates: readonly [string, ...string[]]): string;
}

/** Creates a pool in which `taken` names are not free. */
export const namePool = (taken: Iterable<string> = []): NamePool => {
  const before = new Set(taken);
  const used = new Set(before);
  const avoided = new Map<string, string>();
  return {
    avoided,
    take: (...candidates) => {
      const last = candidates.at(-1) ?? candidates[0];
      let name = candidates.find((candidate) => !used.has(candidate)) ?? `${last}2`;
      for (let number = 3; used.has(name); number += 1) name = `${last}${number}`;
      used.add(name);
      if (before.has(candidates[0])) avoided.set(name, candidates[0]);
      return name;
    },
  };
};

/** A text of a contract as the rest of a line, such as a comment: line ends would end the comment. */
export const oneLine = (text: string): string => text.replaceAll(/[\s\p{C}\u2028\u2029]+/gu, ' ').trim();
