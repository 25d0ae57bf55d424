import {
  neverReached,
  partitionName,
  untilDurable,
  type Consumption,
  type Log,
  type LogAppend,
  type PartitionRange,
  type RunningConsumption,
  type StoredRecord,
  type TopicPartition,
  type TopicSpec,
} from '../ports/log.js';

interface Partition {
  begin: number;
  end: number;
  records: StoredRecord[];
}

interface Member {
  stopped: boolean;
  wake: () => void;
  readonly next: Map<string, number>;
}

export class MemoryLog implements Log {
  readonly #topics = new Map<string, Partition[]>();
  readonly #committed = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  readonly #groups = new Map<string, Member[]>();
  /** Partitions that a member of a group is at work on. */
  readonly #busy = new Set<string>();

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { name, partitions } of topics)
      if (!this.#topics.has(name))
        this.#topics.set(
          name,
          Array.from({ length: partitions }, () => ({ begin: 0, end: 0, records: [] })),
        );
  }

  #partitionsOf(topic: string): Partition[] {
    const partitions = this.#topics.get(topic);
    if (!partitions) throw new Error(`there is no topic ${topic}`);
    return partitions;
  }

  async append(appends: readonly LogAppend[]): Promise<void> {
    this.appendNow(appends);
  }

  appendNow(appends: readonly LogAppend[]): void {
    for (const { topic, records } of appends) {
      const partitions = this.#partitionsOf(topic);
      for (const record of records) {
        const partition = partitions[record.key === null ? 0 : hashOf(record.key) % partitions.length] as Partition;
        partition.records.push({ ...record, offset: partition.end++ });
      }
    }
    for (const wake of this.#waiting) wake();
  }

  async read({ topic, partition }: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]> {
    const held = this.#partitionsOf(topic)[partition] as Partition;
    const start = Math.max(from, held.begin) - held.begin;
    return held.records.slice(start, start + maxRecords);
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    return this.#partitionsOf(topic).map(({ begin, end }, partition) => ({ topic, partition, begin, end }));
  }

  async committed(group: string, at: TopicPartition): Promise<number | undefined> {
    return this.#committed.get(`${group}/${partitionName(at)}`);
  }

  commitNow(group: string, at: TopicPartition, next: number): void {
    this.#committed.set(`${group}/${partitionName(at)}`, next);
  }

  async truncate({ topic, partition }: TopicPartition, before: number): Promise<void> {
    const held = this.#partitionsOf(topic)[partition] as Partition;
    held.records = held.records.filter(({ offset }) => offset >= before);
    held.begin = Math.max(held.begin, Math.min(before, held.end));
  }

  consume(consumption: Consumption): RunningConsumption {
    const members = this.#groups.get(consumption.group) ?? [];
    this.#groups.set(consumption.group, members);
    const member: Member = { stopped: false, wake: () => undefined, next: new Map() };
    const rouse = (): void => member.wake();
    members.push(member);
    this.#waiting.add(rouse);
    for (const other of members) other.wake();
    const done = this.#run(consumption, member, members).finally(() => {
      this.#waiting.delete(rouse);
      members.splice(members.indexOf(member), 1);
      for (const other of members) other.wake();
    });
    done.catch(() => undefined);
    return {
      done,
      stop: async () => {
        member.stopped = true;
        member.wake();
        await done.catch(() => undefined);
      },
    };
  }

  async #run(consumption: Consumption, member: Member, members: readonly Member[]): Promise<void> {
    const { group, topics, maxRecords, onBatch } = consumption;
    while (!member.stopped) {
      const news = new Promise<void>((resolve) => (member.wake = resolve));
      let idle = true;
      for (const topic of topics)
        for (const [partition, held] of this.#partitionsOf(topic).entries()) {
          const at = { topic, partition };
          const name = partitionName(at);
          if (members[partition % members.length] !== member) {
            // Whoever gets it back later begins where the group then stands.
            member.next.delete(name);
            continue;
          }
          if (member.stopped || this.#busy.has(`${group}/${name}`)) continue;
          const from = member.next.get(name) ?? (await this.#beginning(consumption, at)) ?? held.begin;
          const records = await this.read(at, from, maxRecords);
          const last = records[records.length - 1];
          member.next.set(name, from);
          if (!last || member.stopped || this.#busy.has(`${group}/${name}`)) continue;
          idle = false;
          this.#busy.add(`${group}/${name}`);
          try {
            await untilDurable(onBatch({ ...at, records, end: held.end }));
            this.commitNow(group, at, last.offset + 1);
            member.next.set(name, last.offset + 1);
          } finally {
            this.#busy.delete(`${group}/${name}`);
            for (const other of members) if (other !== member) other.wake();
          }
        }
      if (idle && !member.stopped) await news;
    }
  }

  /** What the sink has read counts as read, also where nobody has said so. */
  async #beginning({ group, startAt }: Consumption, at: TopicPartition): Promise<number | undefined> {
    const told = await startAt?.(at);
    const { end } = this.#partitionsOf(at.topic)[at.partition] as Partition;
    if (told !== undefined && told > end) throw neverReached('log', at, end, told);
    const known = await this.committed(group, at);
    if (told !== undefined && told > (known ?? 0)) this.commitNow(group, at, told);
    return told ?? known;
  }
}

/** FNV-1a, 32 bits. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};
