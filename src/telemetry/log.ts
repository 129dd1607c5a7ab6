/** Where code reports what operators should know. Fields never hold variables, tokens or bodies. */
export interface Log {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLog: Log = { warn: () => {}, error: () => {} };
