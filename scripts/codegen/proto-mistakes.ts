import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { mistake, type Place, placeOf } from './mistakes.ts';

const START: Place = { line: 1, column: 1 };

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Where the group named `at` of the last match begins: a repeated name is wrong where it is repeated. */
const placeOfLast = (text: string, pattern: string): Place | null => {
  const offset = [...text.matchAll(new RegExp(pattern, 'dg'))].at(-1)?.indices?.groups?.at?.[0];
  return offset === undefined ? null : placeOf(text, offset);
};

export const importMistake = (file: string, text: string, target: string): string =>
  mistake(
    file,
    placeOfLast(text, `import\\s+(?:public\\s+)?(?<at>["']${quoted(target)})`) ?? START,
    `"${target}" is not there`,
    'Put it beside the file that imports it, or correct the path.',
  );

/** The parser tells a line for what it cannot read, and names for what is there twice. */
const placeOfFailure = (text: string, message: string): Place => {
  const [, told] = /line (\d+)\)/.exec(message) ?? [];
  if (told !== undefined) {
    const [, token = ''] = /'(.+?)'/.exec(message) ?? [];
    const column = text.split('\n')[Number(told) - 1]?.indexOf(token) ?? -1;
    return { line: Number(told), column: Math.max(column, 0) + 1 };
  }
  const [, name = '', owner = 'Root'] =
    /(?:name )?'?([\w.]+)'? in (?:Type |Enum |Service |Namespace )?([\w.]+)/.exec(message) ?? [];
  const declared = `\\b(?:message|enum|service|rpc)\\s+(?<at>${quoted(name)})\\b`;
  const member = `\\b(?<at>${quoted(name)})\\s*=`;
  const owning = `\\b(?:message|enum|service)\\s+(?<at>${quoted(owner.split('.').at(-1) ?? '')})\\b`;
  return placeOfLast(text, declared) ?? placeOfLast(text, member) ?? placeOfLast(text, owning) ?? START;
};

export const syntaxMistake = (file: string, text: string, error: unknown): string => {
  // The parser reads on into nothing where a file ends too early.
  if (!(error instanceof Error) || error instanceof TypeError)
    return mistake(file, placeOf(text, text.trimEnd().length), 'The file ends too early', 'Close what is still open.');
  const wrong = error.message
    .replace(/ \((?:[^()]*, )?line \d+\)$/, '')
    .replace(/ in Root$/, '')
    .replace(/ in \w+ \.?([\w.]+)$/, ' in $1');
  return mistake(file, placeOfFailure(text, error.message), wrong, 'Correct the declaration here.');
};

/** Types that a field or method names and that are nowhere. Found by looking, because resolving stops at the first. */
export const referenceMistake = (reference: protobuf.Field | protobuf.Method): string[] => {
  const isMethod = reference instanceof protobuf.Method;
  const names = isMethod ? [reference.requestType, reference.responseType] : [reference.type];
  const kinds = isMethod ? [protobuf.Type] : [protobuf.Type, protobuf.Enum];
  const unknown = names.filter(
    (name) => !Object.hasOwn(protobuf.types.basic, name) && !reference.parent?.lookup(name, kinds),
  );
  const file = reference.filename;
  // Google's own files have no name, and no mistakes.
  if (unknown.length === 0 || file === null) return [];
  const text = readFileSync(file, 'utf8');
  return unknown.map((name) =>
    mistake(
      file,
      placeOfType(text, name, reference) ?? START,
      `There is no ${isMethod ? 'message' : 'message or enum'} "${name}"`,
      'Define it in this file, import the file that has it, or correct the name.',
    ),
  );
};

const placeOfType = (text: string, name: string, reference: protobuf.Field | protobuf.Method): Place | null => {
  const type = `(?<at>${quoted(name)})`;
  if (reference instanceof protobuf.Method)
    return placeOfLast(text, `\\brpc\\s+${quoted(reference.name)}\\b[^;{]*?[(\\s]${type}\\s*\\)`);
  return placeOfLast(text, `${type}\\s*>?\\s*\\w+\\s*=\\s*${reference.id}\\b`);
};
