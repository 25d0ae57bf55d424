import { describe, expect, it } from '@jest/globals';
import { type EngineError } from '@tributary/kernel';
import { type KafkaClient } from './client.js';
import { ProduceLane } from './produce-lane.js';
import { type Part, PendingAppend } from './produce-queue.js';
import { Sockets } from './sockets.js';

interface Sent {
  readonly producer: number;
  readonly batches: readonly { topic: string; messages: readonly { value: Buffer; partition: number }[] }[];
}

/** A client whose producers do with each request what the next of `answers` says; without one they acknowledge it. */
const fakeClient = (answers: ((sent: Sent) => Promise<unknown>)[]) => {
  const sent: Sent[] = [];
  let producers = 0;
  let ended = 0;
  const producer = () => {
    const number = ++producers;
    return {
      events: { REQUEST_TIMEOUT: 'x' },
      on: () => {},
      connect: async () => {},
      disconnect: async () => void ended++,
      sendBatch: async ({ topicMessages }: { topicMessages: Sent['batches'] }) => {
        const request = { producer: number, batches: topicMessages };
        sent.push(request);
        const acknowledged = topicMessages.flatMap(({ topic, messages }) =>
          [...new Set(messages.map(({ partition }) => partition))].map((partition) => ({
            topicName: topic,
            partition,
          })),
        );
        return (await answers.shift()?.(request)) ?? acknowledged;
      },
    };
  };
  const client = { kafka: { producer }, sockets: new Sockets() } as unknown as KafkaClient;
  return { client, sent, ended: () => ended };
};

const partOf = (append: PendingAppend, value: string, partition = 0): Part => {
  append.add();
  const records = [{ key: null, value: Buffer.from(value), timestamp: '1', partition }];
  return { append, topic: 't', partition, records, bytes: 100 };
};
const values = ({ batches }: Sent) => batches.flatMap(({ messages }) => messages.map(({ value }) => String(value)));
const gate = () => {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};
const append = (lane: ProduceLane, value: string, partition = 0): Promise<void> => {
  const pending = new PendingAppend();
  lane.push([partOf(pending, value, partition)]);
  return pending.durable;
};

describe('a lane to Kafka', () => {
  it('gathers what comes within its linger, and what comes while a request is under way', async () => {
    const { open, opened } = gate();
    const { client, sent } = fakeClient([() => opened.then(() => undefined)]);
    const lane = new ProduceLane(client, 5);
    const first = [append(lane, 'a'), append(lane, 'b', 1), append(lane, 'c')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    const second = [append(lane, 'd'), append(lane, 'e'), append(lane, 'f', 1)];
    expect(sent.map(values)).toEqual([['a', 'c', 'b']]);
    open();
    await Promise.all([...first, ...second]);
    expect(sent.map(values)).toEqual([
      ['a', 'c', 'b'],
      ['d', 'e', 'f'],
    ]);
    await lane.close();
  });

  it('sends again what the client passed over, and answers only then', async () => {
    const { client, sent } = fakeClient([async () => [{ topicName: 't', partition: 0 }]]);
    const lane = new ProduceLane(client, 1);
    await Promise.all([append(lane, 'a', 0), append(lane, 'b', 1)]);
    expect(sent.map(values)).toEqual([['a', 'b'], ['b']]);
    await lane.close();
  });

  it('says of a lost answer that nobody knows, of what waited behind it that it may be tried again', async () => {
    const { open, opened } = gate();
    const lost = async () => {
      await opened;
      throw new Error('connection lost');
    };
    const { client, sent, ended } = fakeClient([lost]);
    const lane = new ProduceLane(client, 1);
    const fate = (work: Promise<void>) => work.then(() => 'done').catch((error: EngineError) => error.failure);
    const sentOne = fate(append(lane, 'a'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const waiting = fate(append(lane, 'b'));
    open();
    expect(await sentOne).toBe('unknown');
    expect(await waiting).toBe('retriable');
    // The numbers of the first producer are no longer to be trusted.
    await append(lane, 'c');
    expect(sent.map(({ producer }) => producer)).toEqual([1, 2]);
    expect(ended()).toBe(1);
    await lane.close();
  });

  it('bounds a request: batches below Kafka’s limit, none overtaking another', async () => {
    const { client, sent } = fakeClient([]);
    const lane = new ProduceLane(client, 1);
    const pending = new PendingAppend();
    lane.push(['1', '2', '3', '4'].map((value) => ({ ...partOf(pending, value), bytes: 400 * 1024 })));
    await pending.durable;
    expect(sent.map(values)).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    await lane.close();
  });

  it('does not blame an append that waits for what Kafka refuses of the one before', async () => {
    const { open, opened } = gate();
    const refused = Object.assign(new Error('not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
    const { client } = fakeClient([() => opened.then(() => Promise.reject(refused))]);
    const lane = new ProduceLane(client, 0);
    const first = expect(append(lane, 'a')).rejects.toMatchObject({ failure: 'fatal' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const waiting = expect(append(lane, 'b')).rejects.toMatchObject({ failure: 'retriable' });
    open();
    await Promise.all([first, waiting]);
  });

  it('says for good that no producer may write here, to all who wait for one', async () => {
    const { client } = fakeClient([]);
    const refused = Object.assign(new Error('not authorized'), { type: 'CLUSTER_AUTHORIZATION_FAILED' });
    const { producer } = client.kafka as unknown as { producer: () => object };
    Object.assign(client.kafka, { producer: () => ({ ...producer(), connect: () => Promise.reject(refused) }) });
    const lane = new ProduceLane(client, 5);
    await expect(append(lane, 'a')).rejects.toMatchObject({ failure: 'fatal' });
  });
});
