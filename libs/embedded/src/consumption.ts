import { randomUUID } from 'node:crypto';
import { setImmediate as breath } from 'node:timers/promises';
import { type Consumption, type RunningConsumption, type TopicPartition } from '@tributary/kernel';
import { carriedKey } from './effect-sink.js';
import { type EmbeddedLog } from './log.js';

/** How long a consumer at the end of a partition waits to be told of more before it looks for itself. */
const POLL_MS = 200;

interface Claim extends TopicPartition {
  readonly id: number;
  /** Set when the partition is to be given back, or the consumption stops. */
  leaving: boolean;
  wake(): void;
  running: Promise<void>;
}

/** One member of a consumer group: a loop for each partition that the coordinator grants. */
export const consume = (log: EmbeddedLog, consumption: Consumption): RunningConsumption => {
  const member = randomUUID();
  const { link } = log.sink;
  const claims = new Map<number, Claim>();
  const known = new Map<number, TopicPartition>();
  let stopping = false;
  let failure: unknown;
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));

  const leave = (claim: Claim) => {
    claim.leaving = true;
    claim.wake();
  };
  const stop = () => {
    stopping = true;
    claims.forEach(leave);
    finish();
  };
  const fail = (error: unknown) => {
    failure ??= { error };
    stop();
  };

  const granted = (id: number) => {
    if (stopping) return;
    const claim: Claim = { ...known.get(id)!, id, leaving: false, wake: () => {}, running: Promise.resolve() };
    claims.set(id, claim);
    claim.running = follow(log, consumption, claim, fail)
      .catch(fail)
      .finally(() => {
        claims.delete(id);
        if (!failure) link.released(member, id);
      });
  };

  const run = async () => {
    for (const topic of consumption.topics) {
      await log.sink.topics.id(topic, 0);
      log.sink.topics.idsOf(topic).forEach((id, partition) => known.set(id, { topic, partition }));
    }
    link.member(member, {
      granted,
      revoked: (id) => {
        const claim = claims.get(id);
        if (claim) leave(claim);
        else link.released(member, id);
      },
    });
    if (!stopping) await link.call({ name: 'join', group: consumption.group, member, partitions: [...known.keys()] });
    await finished;
    await Promise.all([...claims.values()].map((claim) => claim.running));
    link.dismiss(member);
    if (!link.gone) await link.call({ name: 'leave', member });
  };

  const done = run()
    .catch((error: unknown) => (failure ??= { error }))
    .then(() => {
      if (failure) throw (failure as { error: unknown }).error;
    });
  // Whoever only calls `stop` must not meet an unhandled rejection; whoever awaits `done` still sees it.
  done.catch(() => {});
  return {
    done,
    stop: async () => {
      stop();
      await done.catch(() => {});
    },
  };
};

/** Reads on and on, a batch at a time, until the claim is to be given back and nothing of it is on its way. */
const follow = async (
  log: EmbeddedLog,
  consumption: Consumption,
  claim: Claim,
  fail: (error: unknown) => void,
): Promise<void> => {
  const { topic, partition, id } = claim;
  const { group, maxRecords, onBatch } = consumption;
  const offsets = offsetCommitter(log, group, claim);
  /** All that was handled so far is durable. */
  let arrived = Promise.resolve();
  let next =
    (await consumption.startAt?.({ topic, partition })) ?? (await log.committed(group, { topic, partition })) ?? 0;
  try {
    while (!claim.leaving) {
      const records = await log.readPartition(id, next, maxRecords);
      if (records.length === 0) {
        if (log.sink.link.gone) throw log.sink.link.gone;
        const growth = log.sink.link.grown(id, next, POLL_MS);
        claim.wake = growth.wake;
        if (!claim.leaving) await growth.done;
        continue;
      }
      const beyond = records.at(-1)!.offset + 1;
      const handled = await onBatch({ topic, partition, records, end: Math.max(await log.reads.end(id), beyond) });
      next = beyond;
      arrived = Promise.all([arrived, handled?.durable]).then(() => offsets.move(beyond));
      arrived.catch(fail);
      // A handler that never waits for anything must not keep timers and ports from being heard.
      await breath();
    }
  } finally {
    // Whoever waits for more to become durable has heard of the failure.
    await arrived.catch(() => undefined);
    await offsets.settle();
  }
};

/** Commits a group's offset behind the batches, one commit at a time, the newest wins; a failed one is tried with the next. */
const offsetCommitter = (log: EmbeddedLog, group: string, { topic, partition }: TopicPartition) => {
  const key = carriedKey(group, topic, partition);
  let wanted: number | undefined;
  let committed: number | undefined;
  let flight: Promise<void> | undefined;
  let failure: unknown;
  const due = () => wanted !== undefined && wanted !== committed && log.sink.carried.get(key) !== wanted;
  const commit = async () => {
    while (due()) {
      const next = wanted!;
      await log.sink.write({ offsets: [{ group, topic, partition, next }] });
      committed = next;
      failure = undefined;
    }
  };
  const start = () => {
    if (flight || !due()) return;
    flight = commit()
      .catch((error: unknown) => void (failure = error))
      .finally(() => (flight = undefined));
  };
  return {
    move(next: number) {
      wanted = next;
      start();
    },
    async settle() {
      await flight;
      start();
      await flight;
      if (failure !== undefined && due()) throw failure;
    },
  };
};
