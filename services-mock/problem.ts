import { STATUS_CODES } from 'node:http';

/** An invalid field of the request, with the reason. */
export interface Violation {
  readonly field: string;
  readonly message: string;
}

/** An answer of RFC 9457. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly violations?: readonly Violation[];
}

/** `kind` becomes the last part of the problem's type; without one the status is sufficient. */
export const problemBody = (
  status: number,
  detail: string,
  kind?: string,
  violations?: readonly Violation[],
): ProblemBody => ({
  type: kind === undefined ? 'about:blank' : `https://shop.example/problems/${kind}`,
  title: STATUS_CODES[status] ?? 'Unknown',
  status,
  detail,
  ...(violations === undefined ? {} : { violations }),
});

/** Thrown to answer with a problem. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly body: ProblemBody;

  constructor(status: number, detail: string, kind?: string, violations?: readonly Violation[]) {
    super(detail);
    this.body = problemBody(status, detail, kind, violations);
  }
}
