import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { type StoredRecord } from '@tributary/kernel';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalKafka, startKafka } from '../../infra/local/kafka.mjs';
import { engine } from './engine.js';
import { until } from './until.js';

const PRODUCE = 0;

/** Stands between clients and the broker, and loses the answer to the next produce request when told to. */
class Wire {
  readonly #sockets = new Set<Socket>();
  loseNextAnswer = false;
  #server: Server | undefined;
  port = 0;

  async listen(broker: () => number): Promise<void> {
    this.#server = createServer((client) => {
      const server = connect(broker(), '127.0.0.1');
      let losing = false;
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
      }
      client.on('data', (data) => {
        if (this.loseNextAnswer && data.length > 6 && data.readInt16BE(4) === PRODUCE) {
          losing = true;
          this.loseNextAnswer = false;
        }
        server.write(data);
      });
      server.on('data', (data) => (losing ? client.destroy() : client.write(data)));
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
  }
}

// Broken on purpose: a broker of one's own, wherever engines are tested at all.
engine('TRIBUTARY_TEST_KAFKA_URL', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-outage-'));
  const wire = new Wire();
  let broker: LocalKafka;
  let log: KafkaLog;
  let topic: string;
  const start = async () =>
    (broker = await startKafka({ dir, advertisedPort: wire.port, ...(broker && { port: broker.port }) }));
  const record = (id: number) => ({ key: `k${id % 20}`, value: Buffer.from(String(id)), timestamp_ms: Date.now() });
  const text = ({ value }: StoredRecord) => Buffer.from(value).toString();
  const stored = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const { partition } of await log.partitions(topic))
      for (let from = 0; ;) {
        const page = await log.read({ topic, partition }, from, 5000);
        if (page.length === 0) break;
        found.push(...page.map(text));
        from = page.at(-1)!.offset + 1;
      }
    return found;
  };

  beforeAll(async () => {
    await wire.listen(() => broker.port);
    await start();
  });
  afterAll(async () => {
    await broker.stop();
    wire.close();
    rmSync(dir, { recursive: true });
  });
  beforeEach(async () => {
    log = await openKafkaLog({ url: `kafka://127.0.0.1:${wire.port}`, outage_ms: 60_000 });
    topic = `outage-${Math.random().toString(36).slice(2, 8)}`;
    await log.ensureTopics([{ name: topic, partitions: 3 }]);
  });
  afterEach(() => log.close());

  describe('an answer that is lost', () => {
    it('does not double a record: Kafka knows the repetition', async () => {
      await log.append([{ topic, records: [record(0)] }]);
      for (let id = 1; id <= 5; id++) {
        wire.loseNextAnswer = true;
        await log.append([{ topic, records: [record(id), record(id + 100)] }]);
        expect(wire.loseNextAnswer).toBe(false);
      }
      expect((await stored()).sort()).toEqual(['0', '1', '101', '102', '103', '104', '105', '2', '3', '4', '5']);
    });
  });

  describe.each([
    ['is stopped for a while', () => broker.stop(), 5_000, start],
    ['is killed', () => broker.kill(), 1_000, start],
    ['freezes, and its connections with it', async () => broker.pause(), 15_000, async () => broker.resume()],
  ] as const)('a broker that %s', (_, fall, down_ms, rise) => {
    it('loses nothing that was acknowledged; producers and consumers find back by themselves', async () => {
      const seen = new Set<string>();
      const running = log.consume({
        group: topic,
        topics: [topic],
        maxRecords: 100,
        onBatch: async ({ records }) => records.forEach((one) => seen.add(text(one))),
      });
      const acknowledged: string[] = [];
      let going = true;
      let id = 0;
      const writer = async () => {
        while (going) {
          const own = id++;
          await log.append([{ topic, records: [record(own)] }]).then(
            () => acknowledged.push(String(own)),
            (error: { failure: string }) => {
              expect(error.failure).not.toBe('fatal');
              return pause(100);
            },
          );
        }
      };
      const writers = Array.from({ length: 4 }, writer);
      await until(() => seen.size > 50);
      await fall();
      await pause(down_ms);
      await rise();
      const before = { acknowledged: acknowledged.length, seen: seen.size };
      await until(() => acknowledged.length > before.acknowledged + 10 && seen.size > before.seen + 10, 30_000);
      going = false;
      await Promise.all(writers);
      await until(() => acknowledged.every((one) => seen.has(one)));
      await running.stop();
      await running.done;
      const all = await stored();
      expect(new Set(all).size).toBe(all.length);
    }, 150_000);
  });

  describe('a broker that stays away', () => {
    it('ends a consumption with a clear line; appends are refused, and never hang', async () => {
      const impatient = await openKafkaLog({ url: `kafka://127.0.0.1:${wire.port}`, outage_ms: 3_000 });
      const running = impatient.consume({ group: topic, topics: [topic], maxRecords: 1, onBatch: async () => {} });
      await pause(2_000);
      await broker.stop();
      await expect(running.done).rejects.toMatchObject({
        failure: 'retriable',
        message: expect.stringMatching(/has not heard from Kafka for \d+ s/),
      });
      await expect(log.append([{ topic, records: [record(1)] }])).rejects.toMatchObject({ name: 'EngineError' });
      await expect(log.read({ topic, partition: 0 }, 0, 1)).rejects.toMatchObject({ failure: 'retriable' });
      await impatient.close();
      await start();
      await log.append([{ topic, records: [record(2)] }]);
    }, 150_000);
  });

  describe('a broker that asks who is there', () => {
    it('lets in whom it knows, and nobody else; no message tells the password', async () => {
      const strict = mkdtempSync(join(tmpdir(), 'tributary-sasl-'));
      const guarded = await startKafka({ dir: strict, sasl: { username: 'tributary', password: 'correct-horse' } });
      const url = (password: string) =>
        `kafka://tributary:${password}@127.0.0.1:${guarded.port}/?sasl=plain&prefix=eu.`;
      const known = await openKafkaLog({ url: url('correct-horse') });
      await known.ensureTopics([{ name: 'a', partitions: 1 }]);
      await known.append([{ topic: 'a', records: [record(1)] }]);
      expect((await known.read({ topic: 'a', partition: 0 }, 0, 1)).map(text)).toEqual(['1']);
      expect(await known.topics.admin.listTopics()).toContain('eu.a');
      await known.close();
      const told: string[] = [];
      const refused = openKafkaLog({ url: url('battery-staple'), notice: (message) => told.push(message) });
      await expect(refused).rejects.toMatchObject({ failure: 'fatal' });
      await refused.catch((error: Error) => told.push(error.message));
      expect(told.join()).not.toMatch(/battery-staple/);
      await guarded.stop();
      rmSync(strict, { recursive: true });
    });
  });
});
