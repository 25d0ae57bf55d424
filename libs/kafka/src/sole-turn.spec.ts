import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { AssignerProtocol, type Cluster, type PartitionAssigner } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MemberEvents } from './group-member.js';
import { type SoleTurn, waitForTurn } from './sole-turn.js';

const SESSION_MS = 10_000;
const TOPIC = 'commands';
const given = [{ topic: TOPIC, partition: 0 }];

// A member that failed is joined anew after a second, which is waited for; how long nothing was heard is not.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick'] }));
afterEach(() => void jest.useRealTimers());

const until = async (holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 10_000) throw new Error('waited in vain');
    await sleep(5);
  }
};

/** A process that wants the turn, and what Kafka would tell of it. */
class Process {
  readonly turn: SoleTurn;
  readonly notices: string[] = [];
  readonly paused: unknown[] = [];
  joined = 0;
  left = 0;
  kafka!: MemberEvents;
  #assigner!: PartitionAssigner;

  constructor() {
    const context = {
      topics: { inKafka: (name: string) => `p.${name}` },
      options: { session_timeout_ms: SESSION_MS },
      notice: (text: string) => void this.notices.push(text),
    };
    this.turn = waitForTurn(context, 'loader', TOPIC, (_, events, assigner) => {
      this.joined += 1;
      [this.kafka, this.#assigner] = [events, assigner];
      return {
        consumer: { pause: (topics) => void this.paused.push(...topics) },
        start: async () => undefined,
        stop: async () => void (this.left += 1),
      };
    });
  }

  /** As after each change of the group. */
  assigned(partitions: typeof given | []): void {
    this.kafka.alive?.();
    this.kafka.assigned(partitions);
  }

  heartbeat(): void {
    this.kafka.alive?.();
  }

  /** What it says of itself as it joins. */
  saysItHolds(): boolean {
    const cluster = {} as Cluster;
    const { metadata } = this.#assigner({ cluster, groupId: 'loader', logger: undefined as never }).protocol({
      topics: [TOPIC],
    });
    return AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString() === 'holds';
  }
}

describe('a turn', () => {
  it('is of whoever is given the partition, of which nothing is read, for as long as Kafka is heard', () => {
    const one = new Process();
    expect([one.turn.current(), one.saysItHolds()]).toEqual([null, false]);
    one.assigned(given);
    const mine = one.turn.current();
    expect(mine).not.toBeNull();
    expect(one.paused).toEqual([{ topic: 'p.commands', partitions: [0] }]);
    for (let beats = 0; beats < 20; beats++) {
      jest.advanceTimersByTime(SESSION_MS / 2);
      one.heartbeat();
      expect(one.turn.current()).toBe(mine);
    }
  });

  it('goes on under its number through a change of the others, since the one that holds it says so', () => {
    const one = new Process();
    one.assigned(given);
    const mine = one.turn.current();
    expect(one.saysItHolds()).toBe(true);
    one.assigned(given);
    expect(one.turn.current()).toBe(mine);
  });

  it('is lost amid work with the word of Kafka, and is another one when it comes back', () => {
    const one = new Process();
    one.assigned(given);
    const mine = one.turn.current();
    one.assigned([]);
    expect([one.turn.current(), one.saysItHolds()]).toEqual([null, false]);
    one.heartbeat();
    expect(one.turn.current()).toBeNull();
    one.assigned(given);
    expect(one.turn.current()).not.toBe(mine);
    expect(one.turn.current()).not.toBeNull();
  });

  it('is lost amid work when Kafka falls silent, also if the next heartbeat gets through after all', () => {
    const one = new Process();
    one.assigned(given);
    const mine = one.turn.current();
    jest.advanceTimersByTime(0.61 * SESSION_MS);
    expect([one.turn.current(), one.saysItHolds()]).toEqual([null, false]);
    one.heartbeat();
    // Between the two another may have had it, and lost it.
    expect(one.turn.current()).not.toBe(mine);
    expect(one.turn.current()).not.toBeNull();
  });

  it('is gained by another only after the one that still works, unheard, knows that it is no longer its own', () => {
    const [one, other] = [new Process(), new Process()];
    one.assigned(given);
    other.assigned([]);
    const both: number[] = [];
    for (let silent_ms = 0; silent_ms < 2 * SESSION_MS; silent_ms += 100) {
      jest.advanceTimersByTime(100);
      // Its session ends, and whoever is heard is given what it had.
      if (silent_ms === SESSION_MS) other.assigned(given);
      else other.heartbeat();
      if (one.turn.current() !== null && other.turn.current() !== null) both.push(silent_ms);
    }
    expect(both).toEqual([]);
    expect([one.turn.current(), other.turn.current()]).toEqual([null, expect.any(Number)]);
  });

  it('is waited for anew when the member fails in a way that passes, and is lost at once', async () => {
    const one = new Process();
    one.assigned(given);
    const mine = one.turn.current();
    one.kafka.failed(new EngineError('kafka', 'retriable', 'the coordinator is away'));
    expect(one.turn.current()).toBeNull();
    await until(() => one.joined === 2);
    expect(one.left).toBe(1);
    expect(one.notices).toEqual(['group loader is joined anew: kafka: the coordinator is away']);
    one.assigned(given);
    expect(one.turn.current()).not.toBe(mine);
    await one.turn.stop();
  });

  it('will never be where Kafka refuses for good', async () => {
    const one = new Process();
    const refused = new EngineError('kafka', 'fatal', 'the group is not allowed');
    one.kafka.failed(refused);
    await expect(one.turn.done).rejects.toBe(refused);
    expect([one.joined, one.turn.current()]).toEqual([1, null]);
  });

  it('is let go by a stop, while it waits as while it has it, and nothing joins any more', async () => {
    const [waiting, working] = [new Process(), new Process()];
    waiting.assigned([]);
    working.assigned(given);
    await Promise.all([waiting.turn.stop(), working.turn.stop()]);
    for (const { turn, left } of [waiting, working]) expect([turn.current(), left]).toEqual([null, 1]);
    // What was on its way when it stopped.
    waiting.kafka.failed(new EngineError('kafka', 'retriable', 'the socket is closed'));
    working.heartbeat();
    expect(working.turn.current()).toBeNull();
    await sleep(1_100);
    expect([waiting.joined, working.joined]).toEqual([1, 1]);
  });

  it('is not joined for after a stop between two members', async () => {
    const one = new Process();
    one.kafka.failed(new EngineError('kafka', 'retriable', 'away'));
    await one.turn.stop();
    await sleep(1_100);
    expect([one.joined, one.turn.current()]).toEqual([1, null]);
  });
});
