import { randomUUID } from 'node:crypto';
import { setImmediate as breath } from 'node:timers/promises';
import { type Consumption, neverReached, type RunningConsumption, type TopicPartition } from '@tributary/kernel';
import { carriedKey, type EmbeddedSink } from './effect-sink.js';
import { ENGINE } from './engine.js';
import { readPartition } from './read-partition.js';
import { ReadingRoom } from './reading-room.js';
import { type Reads } from './store-reader.js';

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
export const consume = (sink: EmbeddedSink, reads: Reads, consumption: Consumption): RunningConsumption => {
  const member = randomUUID();
  const { link } = sink;
  const claims = new Map<number, Claim>();
  const known = new Map<number, TopicPartition>();
  const room = new ReadingRoom(consumption.maxInHand ?? Infinity);
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
    claim.running = follow(sink, reads, consumption, room, claim, fail)
      .catch(fail)
      .finally(() => {
        claims.delete(id);
        if (!failure) link.released(member, id);
      });
  };

  const run = async () => {
    for (const topic of consumption.topics) {
      await sink.topics.id(topic, 0);
      sink.topics.idsOf(topic).forEach((id, partition) => known.set(id, { topic, partition }));
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
  sink: EmbeddedSink,
  reads: Reads,
  consumption: Consumption,
  room: ReadingRoom,
  claim: Claim,
  fail: (error: unknown) => void,
): Promise<void> => {
  const { topic, partition, id } = claim;
  const { group, maxRecords, onBatch } = consumption;
  const offsets = offsetCommitter(sink, group, claim);
  /** Reads a batch and has it handled, for which there is room; `null`: there is none yet. Nothing of it outlives the call. */
  const handleNext = async (): Promise<{ readonly beyond: number; readonly durable?: Promise<void> } | null> => {
    let left = maxRecords;
    try {
      const records = await readPartition(reads, id, next, maxRecords);
      room.giveBack(left - records.length);
      left = records.length;
      if (left === 0) return null;
      const beyond = records[left - 1]!.offset + 1;
      const handled = await onBatch({ topic, partition, records, end: Math.max(await reads.end(id), beyond) });
      return { beyond, ...handled };
    } finally {
      room.giveBack(left);
    }
  };
  /** All that was handled so far is durable. */
  let arrived = Promise.resolve();
  const told = await consumption.startAt?.({ topic, partition });
  const known = (await reads.committed(group, id)) ?? 0;
  let next = told ?? known;
  if (told !== undefined) {
    const end = await reads.end(id);
    if (told > end) throw neverReached(ENGINE, claim, end, told);
    // Who asks how much waits would else be told of what the sink has read, and nobody has said, until more comes.
    if (told > known) offsets.move(told);
  }
  try {
    while (!claim.leaving) {
      if (!(await room.take(maxRecords, (end) => (claim.wake = end)))) continue;
      const handled = await handleNext();
      if (handled === null) {
        if (sink.link.gone) throw sink.link.gone;
        const growth = sink.link.grown(id, next, POLL_MS);
        claim.wake = growth.wake;
        if (!claim.leaving) await growth.done;
        continue;
      }
      const { beyond, durable } = handled;
      next = beyond;
      arrived = Promise.all([arrived, durable]).then(() => offsets.move(beyond));
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
const offsetCommitter = (sink: EmbeddedSink, group: string, { topic, partition }: TopicPartition) => {
  const key = carriedKey(group, topic, partition);
  let wanted: number | undefined;
  let committed: number | undefined;
  let flight: Promise<void> | undefined;
  let failure: unknown;
  const due = () => wanted !== undefined && wanted !== committed && sink.carried.get(key) !== wanted;
  const commit = async () => {
    while (due()) {
      const next = wanted!;
      await sink.write({ offsets: [{ group, topic, partition, next }] });
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
