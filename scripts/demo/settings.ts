import * as kinds from '../../src/config/kinds.ts';

/** First port of the mock services; 0 uses free ports. Second replicas and control ports follow above it. */
const PORT_BASE = kinds.wholeNumber(4_100, 0, 60_000);

/** @throws Error with the variable and the fix */
export const mockPortBase = (text: string | undefined): number => {
  const { data, error } = PORT_BASE.safeParse(text);
  if (data === undefined) throw new Error(`DEMO_MOCK_PORT_BASE: ${error.issues[0]?.message}`);
  return data;
};
