const MOST = 20_000;

/** Remembers what was made of a text, so that answering costs the backend next to nothing. Forgets all when there is too much. */
export const kept = <Value>(make: (text: string) => Value): ((text: string) => Value) => {
  const known = new Map<string, Value>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MOST) known.clear();
    const made = make(text);
    known.set(text, made);
    return made;
  };
};
