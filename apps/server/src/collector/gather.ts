import { type Log, type LogAppend, type LogRecord } from '@tributary/kernel';

/** A call that holds so many takes no more; what comes then begins the next one. */
const GATHERED = 10_000;

interface Call {
  readonly byTopic: Map<string, LogRecord[]>;
  records: number;
  readonly durable: Promise<void>;
}

/**
 * Appends that requests of one turn of the event loop ask for, as one call to the log: single events over many
 * connections then cost it what a small batch does. Each resolves when its own records are durable; one that fails,
 * fails for all of its turn, and their producers repeat.
 */
export const gather = (log: Pick<Log, 'append'>): ((appends: readonly LogAppend[]) => Promise<void>) => {
  let open: Call | undefined;

  const begin = (): Call => {
    const byTopic = new Map<string, LogRecord[]>();
    const durable = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        if (open?.byTopic === byTopic) open = undefined;
        log.append(Array.from(byTopic, ([topic, records]) => ({ topic, records }))).then(resolve, reject);
      });
    });
    return { byTopic, records: 0, durable };
  };

  return (appends) => {
    if (open === undefined || open.records >= GATHERED) open = begin();
    for (const { topic, records } of appends) {
      const gathered = open.byTopic.get(topic);
      if (gathered === undefined) open.byTopic.set(topic, [...records]);
      else for (const record of records) gathered.push(record);
      open.records += records.length;
    }
    return open.durable;
  };
};
