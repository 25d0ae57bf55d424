import { startDouble, type Double } from './double.js';

export interface EventStoreForTests {
  readonly url: string;
  /** Absent when the tests run on a real server, whose failures cannot be ordered. */
  readonly double?: Double;
  stop(): Promise<void>;
}

/** The server that `TRIBUTARY_TEST_EVENTSTORE_URL` names, else a double of it. */
export const start = async (): Promise<EventStoreForTests> => {
  const url = process.env['TRIBUTARY_TEST_EVENTSTORE_URL'];
  if (url) return { url, stop: async () => undefined };
  const double = await startDouble();
  return { url: double.url, double, stop: () => double.stop() };
};
