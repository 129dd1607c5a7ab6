/** How many texts are remembered at a time, and how long they may be: what clients send may not fill the memory. */
const MOST = 200;
const LONGEST = 200;

/**
 * The same function of a text, which remembers what it has found: for headers that clients send alike with every request, and whose
 * meaning takes longer to find out. What it throws is not remembered.
 */
export const remembered = <Found>(find: (text: string) => Found): ((text: string) => Found) => {
  const known = new Map<string, { readonly found: Found }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.found;
    const found = find(text);
    if (text.length > LONGEST) return found;
    // Begins anew, which costs one look-up more than to know what was asked for last.
    if (known.size >= MOST) known.clear();
    known.set(text, { found });
    return found;
  };
};
