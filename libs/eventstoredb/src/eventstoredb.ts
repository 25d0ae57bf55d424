import { type EventStore } from '@tributary/kernel';
import { AppendSession } from './append-session.js';
import { BoundedFlight } from './bounded-flight.js';
import { Connection } from './connection.js';
import { EventStoreDBEvents } from './event-store.js';
import { Follower, type Following } from './follow.js';
import { newestOfAll } from './read-requests.js';
import { Reads } from './reads.js';

export interface EventStoreDBOptions {
  /** `esdb://user:password@host:2113?tls=true`; see the README for what else it may hold. */
  readonly url: string;
  /** Time for a connection to come about; default 5,000. */
  readonly connect_ms?: number;
  /** Time for the outcome of an append, and for the next event of a read; default 10,000. */
  readonly answer_ms?: number;
  /** Time for the server to find the next event by a prefix in the whole log; default 60,000. */
  readonly search_ms?: number;
  /** Attempts of a read while the server is away, 50 ms apart at first, then doubling; default 6. */
  readonly readAttempts?: number;
  /** Appends on the wire at once; default 256, and 16 MiB. */
  readonly inFlight?: number;
  readonly inFlight_bytes?: number;
  /** The server's `MaxAppendSize`; default 1 MiB, as there. */
  readonly maxAppend_bytes?: number;
}

export interface EventStoreDB {
  readonly events: EventStore;
  /** All events after a position (-1: from the beginning), those to come too, until the signal aborts. */
  follow(after: number, following: Following): Promise<void>;
  /** Asks once whether the server is there and lets all be read; what is wrong is known when a connection would be, or an answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Connects when it is first used. */
export const openEventStoreDB = (options: EventStoreDBOptions): EventStoreDB => {
  const { answer_ms = 10_000, search_ms = 60_000, readAttempts = 6 } = options;
  const connection = new Connection(options.url, options.connect_ms ?? 5_000);
  const session = new AppendSession(connection, answer_ms);
  const reads = new Reads(connection, { answer_ms, search_ms, attempts: readAttempts });
  const once = new Reads(connection, { answer_ms, search_ms, attempts: 1 });
  const flight = new BoundedFlight(options.inFlight ?? 256, options.inFlight_bytes ?? 16 * 1024 * 1024);
  return {
    events: new EventStoreDBEvents(session, reads, flight, options.maxAppend_bytes ?? 1024 * 1024),
    follow: (after, following) => new Follower(connection, reads, after, following).run(),
    ping: async () => void (await once.all(newestOfAll())),
    close: async () => {
      await session.close();
      await connection.close();
    },
  };
};
