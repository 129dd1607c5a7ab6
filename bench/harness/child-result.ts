import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Argument of programs that print their result without it. */
export const AS_MESSAGE = '--as-message';

/** Runs a program of the bench in a process of its own. Resolves with the message that it sends. */
export const childResult = async <T>(program: URL): Promise<T> => {
  const child = fork(program, [AS_MESSAGE], { stdio: 'inherit' });
  const result = await Promise.race([
    once(child, 'message').then(([message]: unknown[]) => message as T), // what the program sends
    once(child, 'exit').then(() => Promise.reject(new Error(`${program.pathname} ended without a result.`))),
  ]);
  if (child.connected) child.disconnect();
  return result;
};
