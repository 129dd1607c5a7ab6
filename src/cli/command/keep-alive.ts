/** Keeps the process alive until `run` settles. Timers of the clock do not; a port with a listener does. */
export const keepAlive = async <T>(run: () => Promise<T>): Promise<T> => {
  const { port1 } = new MessageChannel();
  port1.onmessage = () => {};
  try {
    return await run();
  } finally {
    port1.close();
  }
};
