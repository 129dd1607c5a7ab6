/** Where the edge reports what operators should know. `console` fits. */
export interface Log {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
