/** Freezes parsed JSON, without recursion: a token may nest its claims thousands of levels deep. */
export const frozen = <Value extends object>(value: Value): Value => {
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const inner of Object.values(next)) if (typeof inner === 'object' && inner !== null) open.push(inner);
  }
  return value;
};
