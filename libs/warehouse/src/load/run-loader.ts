import { type CustomerLoading, loadCustomers } from './load-customers.js';
import { type FactLoading, loadFacts } from './load-facts.js';

export interface Loader {
  /** Resolves after `stop`; rejects with what ended it, when that is not a failure to be retried. */
  readonly done: Promise<void>;
  /** Finishes the flush in hand, then stops. */
  stop(): Promise<void>;
}

export interface Loading {
  readonly facts: Omit<FactLoading, 'signal' | 'once' | 'side'>;
  readonly customers: Omit<CustomerLoading, 'signal' | 'once' | 'side'>;
}

/** Follows the intake and the profile feed until it is stopped. */
export const runLoader = ({ facts, customers }: Loading): Loader => {
  const stopping = new AbortController();
  const both = [
    loadFacts({ ...facts, signal: stopping.signal }),
    loadCustomers({ ...customers, signal: stopping.signal }),
  ];
  for (const one of both) one.catch(() => stopping.abort());
  const done = Promise.all(both).then(() => undefined);
  done.catch(() => {});
  return {
    done,
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(both);
    },
  };
};
