import { createHash, type Hash } from 'node:crypto';
import { canonicalJson } from '@tributary/domain';
import { type DocumentKind, type DocumentStore, type Log, type StoredDocument } from '@tributary/kernel';
import { FEED_TOPIC, feedText } from './feed-messages.js';
import { type PipelineContext } from './ports.js';
import { Rebuild } from './rebuild.js';

export interface ProjectionReport {
  readonly name: string;
  readonly equal: boolean;
  /** Records on the live side. */
  readonly rows: number;
  /** What differs first, by key, if anything does. Never a value. */
  readonly difference?: string;
}

export interface VerifyReport {
  readonly equal: boolean;
  readonly position: number;
  readonly projections: readonly ProjectionReport[];
}

export interface Scratch {
  readonly documents: DocumentStore;
  close(): Promise<void>;
}

/** Runs work while the pipeline stands still between two batches. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

const SMALL_GAP = 2_000;
const SCAN = 1_000;

/** Rebuilds beside the running read models until only a small gap is left, then closes it and goes on with the pipeline held. */
const beside = async <T>(
  context: PipelineContext,
  scratch: Scratch,
  inTurn: InTurn,
  then: (rebuild: Rebuild, feed: { hash: Hash; count: number }) => Promise<T>,
): Promise<T> => {
  const feed = { hash: createHash('sha256'), count: 0 };
  const rebuild = new Rebuild(context, {
    documents: scratch.documents,
    onFeed: (message) => {
      feed.hash.update(feedText(message)).update('\n');
      feed.count += 1;
    },
  });
  while ((await rebuild.advance()) > SMALL_GAP);
  return inTurn(async () => {
    await rebuild.advance();
    return then(rebuild, feed);
  });
};

/** Whether every projection of the event store equals its rebuild from zero, byte for byte. */
export const verify = (context: PipelineContext, scratch: Scratch, inTurn: InTurn): Promise<VerifyReport> =>
  beside(context, scratch, inTurn, async (rebuild, feed) => {
    const { documents, log } = context.ports;
    const projections = [
      await compare('subject', documents, scratch.documents),
      await compare('customer', documents, scratch.documents),
      await compareCensus(documents, scratch.documents),
      await compareFeed(log, feed),
    ];
    return { equal: projections.every(({ equal }) => equal), position: rebuild.position, projections };
  });

/** Makes the live documents what the events say, changing only those that differ; readers wait for nothing. */
export const repair = (context: PipelineContext, scratch: Scratch, inTurn: InTurn): Promise<VerifyReport> =>
  beside(context, scratch, inTurn, async (rebuild) => {
    const { documents } = context.ports;
    const projections: ProjectionReport[] = [];
    for (const kind of ['subject', 'customer'] as const) {
      let repaired = 0;
      let rows = 0;
      for await (const { key, live, rebuilt } of pairs(kind, documents, scratch.documents)) {
        rows += 1;
        if (live?.body === rebuilt?.body) continue;
        repaired += 1;
        await documents.clear(kind, [key]);
        // Due at once: the timer asks what its next date is.
        if (rebuilt)
          await documents.put([
            { kind, key, version: rebuilt.version, body: rebuilt.body, due_ms: kind === 'customer' ? 0 : null },
          ]);
      }
      projections.push(
        repaired === 0
          ? { name: kind, equal: true, rows }
          : { name: kind, equal: false, rows, difference: `${repaired} repaired` },
      );
    }
    const [census] = await scratch.documents.get('checkpoint', ['census']);
    await documents.clear('checkpoint', ['census']);
    if (census)
      await documents.put([{ kind: 'checkpoint', key: 'census', version: rebuild.position, body: census.body }]);
    return { equal: projections.every(({ equal }) => equal), position: rebuild.position, projections };
  });

interface Pair {
  readonly key: string;
  readonly live: StoredDocument | undefined;
  readonly rebuilt: StoredDocument | undefined;
}

/** All documents of both sides in key order, paired. */
async function* pairs(kind: DocumentKind, live: DocumentStore, rebuilt: DocumentStore): AsyncGenerator<Pair> {
  const left = inKeyOrder(kind, live);
  const right = inKeyOrder(kind, rebuilt);
  let a = await left.next();
  let b = await right.next();
  while (!a.done || !b.done) {
    if (!a.done && (b.done || a.value.key < b.value.key)) {
      yield { key: a.value.key, live: a.value, rebuilt: undefined };
      a = await left.next();
    } else if (!b.done && (a.done || b.value.key < a.value.key)) {
      yield { key: b.value.key, live: undefined, rebuilt: b.value };
      b = await right.next();
    } else if (!a.done && !b.done) {
      yield { key: a.value.key, live: a.value, rebuilt: b.value };
      [a, b] = [await left.next(), await right.next()];
    }
  }
}

async function* inKeyOrder(kind: DocumentKind, documents: DocumentStore): AsyncGenerator<StoredDocument, undefined> {
  for (let after = ''; ;) {
    const page = await documents.scan(kind, after, SCAN);
    const last = page[page.length - 1];
    if (!last) return undefined;
    yield* page;
    after = last.key;
  }
}

const compare = async (kind: DocumentKind, live: DocumentStore, rebuilt: DocumentStore): Promise<ProjectionReport> => {
  let rows = 0;
  let different = 0;
  let first = '';
  for await (const pair of pairs(kind, live, rebuilt)) {
    if (pair.live) rows += 1;
    if (pair.live?.body === pair.rebuilt?.body) continue;
    different += 1;
    first ||= `${pair.key}${pair.live ? (pair.rebuilt ? '' : ' (not in the rebuild)') : ' (missing)'}`;
  }
  return different === 0
    ? { name: `${kind}s`, equal: true, rows }
    : { name: `${kind}s`, equal: false, rows, difference: `${different} differ, first ${first}` };
};

const compareCensus = async (live: DocumentStore, rebuilt: DocumentStore): Promise<ProjectionReport> => {
  const [[a], [b]] = await Promise.all([live.get('checkpoint', ['census']), rebuilt.get('checkpoint', ['census'])]);
  const equal = (a ? canonicalJson(JSON.parse(a.body)) : '') === (b ? canonicalJson(JSON.parse(b.body)) : '');
  return equal
    ? { name: 'census', equal, rows: a ? 1 : 0 }
    : { name: 'census', equal, rows: a ? 1 : 0, difference: 'the counts differ' };
};

/** The feed is compared where it is still held whole. */
const compareFeed = async (log: Log, rebuilt: { hash: Hash; count: number }): Promise<ProjectionReport> => {
  const hash = createHash('sha256');
  let count = 0;
  for (const { topic, partition, begin, end } of await log.partitions(FEED_TOPIC)) {
    if (begin > 0)
      return {
        name: FEED_TOPIC,
        equal: true,
        rows: end - begin,
        difference: 'not compared: its retention dropped the beginning',
      };
    for (let offset = begin; offset < end;) {
      const records = await log.read({ topic, partition }, offset, SCAN);
      const last = records[records.length - 1];
      if (!last) break;
      for (const record of records) hash.update(record.value).update('\n');
      count += records.length;
      offset = last.offset + 1;
    }
  }
  const equal = hash.digest('hex') === rebuilt.hash.digest('hex');
  return equal
    ? { name: FEED_TOPIC, equal, rows: count }
    : { name: FEED_TOPIC, equal, rows: count, difference: `${count} messages live, ${rebuilt.count} rebuilt` };
};
