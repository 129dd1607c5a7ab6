import { type SessionStore, SessionsUnavailableError } from '../../../src/auth/sessions/store/session-store.ts';

/** A store whose call number `at` fails, once: before it runs, or after it with its answer lost. */
export const failingAt = (store: SessionStore, at: number, when: 'before' | 'after') => {
  let calls = 0;
  const failing = new Proxy(store, {
    get: (target, name: keyof SessionStore) => {
      const method = target[name] as (...values: unknown[]) => Promise<unknown>;
      return async (...values: unknown[]) => {
        calls += 1;
        const fails = calls === at;
        if (fails && when === 'before') throw new SessionsUnavailableError('lost');
        const answer = await method(...values);
        if (fails) throw new SessionsUnavailableError('lost');
        return answer;
      };
    },
  });
  return { store: failing, calls: () => calls };
};
