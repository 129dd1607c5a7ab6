import { quotedText } from '../text.ts';

/** The values of options after `;`, by name. */
export type Options<Name extends string> = { readonly [Key in Name]?: string };

/** An entry written as `<first>;<option>=<value>;…`. */
export interface OptionEntry<Name extends string> {
  /** The part before the first option. */
  readonly first: string;
  readonly options: Options<Name>;
  readonly faults: readonly string[];
}

/** Reads an entry with options. `form` describes valid entries; `whole` is the text that the entry is a part of. */
export const readOptionEntry = <const Name extends string>(
  text: string,
  names: readonly Name[],
  form: string,
  whole: string = text,
): OptionEntry<Name> => {
  const [first = '', ...parts] = text.split(';');
  const options: { [Key in Name]?: string } = {};
  const faults: string[] = [];
  for (const part of parts) {
    const [before = '', ...after] = part.split('=');
    const [given, value] = [before.trim(), after.join('=').trim()];
    const name = names.find((known) => known === given);
    if (name === undefined) faults.push(`unknown option ${quotedText(given, whole)}; ${form}`);
    else if (value === '') faults.push(`${name} is empty`);
    else if (options[name] !== undefined) faults.push(`${name} is set twice: remove one`);
    else options[name] = value;
  }
  return { first: first.trim(), options, faults };
};
