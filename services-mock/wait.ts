import type { EventEmitter } from 'node:events';

/** Waits `ms`, or until `connection` closes. Resolves with true if it is still open. */
export const waitWhileOpen = (ms: number, connection: EventEmitter): Promise<boolean> => {
  if (ms === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const onClose = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      connection.off('close', onClose);
      resolve(true);
    }, ms);
    connection.once('close', onClose);
  });
};
