/** A signal that comes again so soon is the same one: a terminal and npm may both pass a Ctrl-C on. */
const SAME_MS = 500;

/** Aborted by the first Ctrl-C or SIGTERM; the second ends the process at once. */
export const awaitInterrupt = (target: NodeJS.Process): AbortSignal => {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort();
    } else if (Date.now() - first > SAME_MS) target.exit(130);
  };
  target.on('SIGINT', onSignal);
  target.on('SIGTERM', onSignal);
  return controller.signal;
};
