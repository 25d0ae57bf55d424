import { canonicalJson } from '@tributary/domain';
import { type DocumentKind, type DocumentStore, type DocumentWrite, type StoredDocument } from '@tributary/kernel';
import { CENSUS } from './census.js';
import { FeedComparison } from './feed-comparison.js';
import { type FeedMessage } from './feed-messages.js';
import { type StageContext } from './ports.js';
import { differentFrom, equalTo, type ProjectionReport, reportOf, type VerifyReport } from './projection-report.js';
import { Rebuild } from './rebuild.js';

export interface Scratch {
  readonly documents: DocumentStore;
  close(): Promise<void>;
}

/** Runs work while the pipeline stands still between two batches. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

const SMALL_GAP = 2_000;
const SCAN = 1_000;
const REPAIR = 200;

/** Rebuilds beside the running read models until only a small gap is left, then closes it and goes on with the pipeline held. */
const beside = async <T>(
  context: StageContext,
  scratch: Scratch,
  inTurn: InTurn,
  onFeed: (messages: readonly FeedMessage[]) => Promise<void>,
  then: (rebuild: Rebuild) => Promise<T>,
): Promise<T> => {
  const rebuild = new Rebuild(context, { documents: scratch.documents, onFeed });
  while ((await rebuild.advance()) > SMALL_GAP);
  return inTurn(async () => {
    await rebuild.advance();
    await rebuild.requireKeys();
    return then(rebuild);
  });
};

/** Whether every projection of the event store equals its rebuild from zero, byte for byte. */
export const verify = (context: StageContext, scratch: Scratch, inTurn: InTurn): Promise<VerifyReport> => {
  const { documents, log } = context.ports;
  const feed = new FeedComparison(log);
  return beside(
    context,
    scratch,
    inTurn,
    (messages) => feed.compare(messages),
    async (rebuild) => {
      const projections = [
        await compare('subject', documents, scratch.documents),
        await compare('activity', documents, scratch.documents),
        await compare('customer', documents, scratch.documents),
        await compareCensus(documents, scratch.documents),
        await feed.report(),
      ];
      return reportOf(rebuild.position, projections);
    },
  );
};

/** Makes the live documents what the events say, changing only those that differ; readers wait for nothing. */
export const repair = (context: StageContext, scratch: Scratch, inTurn: InTurn): Promise<VerifyReport> =>
  beside(
    context,
    scratch,
    inTurn,
    async () => undefined,
    async (rebuild) => {
      const { documents } = context.ports;
      const projections: ProjectionReport[] = [];
      for (const kind of ['subject', 'activity', 'customer'] as const) {
        let repaired = 0;
        let rows = 0;
        let page: DocumentWrite[] = [];
        for await (const { key, live, rebuilt } of pairs(kind, documents, scratch.documents)) {
          rows += 1;
          if (live?.body === rebuilt?.body) continue;
          repaired += 1;
          // Due at once: the timer asks what its next date is.
          const { version, body } = rebuilt ?? { version: 0, body: null };
          page.push({ kind, key, version, body, due_ms: kind === 'customer' ? 0 : null });
          if (page.length < REPAIR) continue;
          await documents.replace(page);
          page = [];
        }
        await documents.replace(page);
        projections.push(repaired === 0 ? equalTo(kind, rows) : differentFrom(kind, rows, `${repaired} repaired`));
      }
      const [census] = await scratch.documents.get('checkpoint', [CENSUS]);
      await documents.replace([
        { kind: 'checkpoint', key: CENSUS, version: rebuild.position, body: census?.body ?? null },
      ]);
      return reportOf(rebuild.position, projections);
    },
  );

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
  const plural = kind === 'activity' ? 'activities' : `${kind}s`;
  return different === 0 ? equalTo(plural, rows) : differentFrom(plural, rows, `${different} differ, first ${first}`);
};

const compareCensus = async (live: DocumentStore, rebuilt: DocumentStore): Promise<ProjectionReport> => {
  const [[a], [b]] = await Promise.all([live.get('checkpoint', [CENSUS]), rebuilt.get('checkpoint', [CENSUS])]);
  const equal = (a ? canonicalJson(JSON.parse(a.body)) : '') === (b ? canonicalJson(JSON.parse(b.body)) : '');
  return equal ? equalTo('census', a ? 1 : 0) : differentFrom('census', a ? 1 : 0, 'the counts differ');
};
