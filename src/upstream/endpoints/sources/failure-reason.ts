/** Returns the short reason of a failure: its code, such as `ENOTFOUND`, or its message. */
export const failureReason = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.message;
};
