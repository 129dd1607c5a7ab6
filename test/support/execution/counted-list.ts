/** A list that counts how often it is read through. */
export const countedList = <Item>(items: readonly Item[]) => {
  let reads = 0;
  const list = new Proxy(items, {
    get: (target, name, receiver) => {
      if (name === 'entries' || name === Symbol.iterator) reads += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  return { list, reads: () => reads };
};
