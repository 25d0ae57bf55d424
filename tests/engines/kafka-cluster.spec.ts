import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { type StoredRecord } from '@tributary/kernel';
import { logContract } from '@tributary/kernel/contracts';
import { type Admin, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalKafkaCluster, startKafkaCluster } from '../../infra/local/kafka-cluster.mjs';
import { until } from './until.js';

const passwords = { admin: 'open-sesame', platform: 'correct-horse', reader: 'just-looking' };
/** As libs/kafka/README.md says it. */
const needed: readonly [AclResourceTypes, readonly AclOperationTypes[]][] = [
  [
    AclResourceTypes.TOPIC,
    [AclOperationTypes.CREATE, AclOperationTypes.READ, AclOperationTypes.WRITE, AclOperationTypes.DELETE],
  ],
  [AclResourceTypes.GROUP, [AclOperationTypes.READ]],
  [AclResourceTypes.TRANSACTIONAL_ID, [AclOperationTypes.WRITE]],
];

let cluster: LocalKafkaCluster;
const env = () => ({ TRIBUTARY_KAFKA_CA: cluster.ca });
const url = (user: keyof typeof passwords, password = passwords[user]) =>
  `kafka://${user}:${password}@${cluster.hosts.join(',')}/?sasl=scram-sha-512&prefix=eu.&replication=3`;
const open = (user: keyof typeof passwords = 'platform') => openKafkaLog({ url: url(user), env: env() });
const allow = (admin: Admin, user: string, granted: typeof needed) =>
  admin.createAcls({
    acl: granted.flatMap(([resourceType, operations]) =>
      operations.map((operation) => ({
        resourceType,
        operation,
        resourceName: 'eu.',
        resourcePatternType: ResourcePatternTypes.PREFIXED,
        principal: `User:${user}`,
        host: '*',
        permissionType: AclPermissionTypes.ALLOW,
      })),
    ),
  });
const record = (id: number) => ({ key: `k${id % 20}`, value: Buffer.from(String(id)), timestamp_ms: Date.now() });
const text = ({ value }: StoredRecord) => Buffer.from(value).toString();

beforeAll(async () => {
  cluster = await startKafkaCluster({ dir: mkdtempSync(join(tmpdir(), 'tributary-kafka-cluster-')), passwords });
  const log = await open('admin');
  await allow(log.topics.admin, 'platform', needed);
  await allow(log.topics.admin, 'reader', [
    [AclResourceTypes.TOPIC, [AclOperationTypes.READ]],
    [AclResourceTypes.GROUP, [AclOperationTypes.READ]],
  ]);
  await log.close();
}, 180_000);
afterAll(() => cluster.close());

logContract('Kafka, three brokers, TLS, SCRAM and ACLs', async () => {
  let log = await open();
  return {
    log,
    reopen: async () => {
      await log.close();
      return (log = await open());
    },
    close: () => log.close(),
  };
});

describe('a Kafka that asks who is there', () => {
  const refusal = async (options: Parameters<typeof openKafkaLog>[0]) => {
    const told: string[] = [];
    const error = await openKafkaLog({ ...options, notice: (message) => told.push(message) }).then(
      () => undefined,
      (reason: Error & { failure: string }) => reason,
    );
    expect([...told, error?.message].join()).not.toMatch(/battery-staple|correct-horse/);
    return error;
  };

  it('does not let in who says the wrong word, or comes without TLS, or does not know its certificate', async () => {
    expect(await refusal({ url: url('platform', 'battery-staple'), env: env() })).toMatchObject({ failure: 'fatal' });
    expect(await refusal({ url: url('platform') })).toMatchObject({ name: 'EngineError' });
    expect(await refusal({ url: `${url('platform')}&ssl=true` })).toMatchObject({
      message: expect.stringMatching(/certificate/),
    });
  });

  it('says what somebody may not do, and that trying again does not help', async () => {
    const platform = await open();
    await platform.ensureTopics([{ name: 'rights', partitions: 1 }]);
    await platform.append([{ topic: 'rights', records: [record(1)] }]);
    const reader = await open('reader');
    expect((await reader.read({ topic: 'rights', partition: 0 }, 0, 1)).map(text)).toEqual(['1']);
    // What is there already needs no right to make it.
    await reader.ensureTopics([{ name: 'rights', partitions: 1 }]);
    await expect(reader.ensureTopics([{ name: 'more', partitions: 1 }])).rejects.toMatchObject({ failure: 'fatal' });
    await expect(reader.append([{ topic: 'rights', records: [record(2)] }])).rejects.toMatchObject({
      failure: 'fatal',
      message: expect.stringMatching(/authori[sz]/i),
    });
    await expect(reader.fencedProducer('relay')).rejects.toMatchObject({ failure: 'fatal' });
    await platform.close();
    await reader.close();
  });
});

it('is the same log by whichever broker', async () => {
  const log = await open();
  const [, second] = cluster.hosts;
  const by = `kafka://platform:${passwords.platform}@${second}/?sasl=scram-sha-512`;
  const others = await Promise.all(
    ['eu.', 'us.'].map((prefix) => openKafkaLog({ url: `${by}&prefix=${prefix}`, env: env() })),
  );
  const [same, other] = await Promise.all(others.map((each) => each.identity()));
  expect(await log.identity()).toBe(same);
  expect(other).not.toBe(same);
  expect(same).toMatch(/^Kafka cluster \S{22}, prefix "eu\."$/);
  await Promise.all([log, ...others].map((each) => each.close()));
});

describe('brokers that die', () => {
  let log: KafkaLog;
  let topic: string;
  /** While brokers come back, partitions may be without a leader for longer than a question waits: it is asked again. */
  const onceLed = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (const end = performance.now() + 60_000; ; await pause(200))
      try {
        return await ask();
      } catch (error) {
        if ((error as { failure?: string }).failure !== 'retriable' || performance.now() > end) throw error;
      }
  };
  const stored = async (): Promise<StoredRecord[]> => {
    const found: StoredRecord[] = [];
    for (const { partition, end } of await onceLed(() => log.partitions(topic)))
      for (let from = 0; from < end;) {
        const page = await onceLed(() => log.read({ topic, partition }, from, 5_000));
        found.push(...page);
        from = page.at(-1)!.offset + 1;
      }
    return found;
  };
  /** By key, each number where it first stands. */
  const inOrder = (records: readonly StoredRecord[]): number[][] => {
    const byKey = new Map<string, Set<number>>();
    for (const one of records) byKey.set(one.key!, (byKey.get(one.key!) ?? new Set()).add(Number(text(one))));
    return [...byKey.values()].map((ids) => [...ids]);
  };
  const rising = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);

  beforeEach(async () => {
    log = await open();
    topic = `dying-${Math.random().toString(36).slice(2, 8)}`;
    await log.ensureTopics([{ name: topic, partitions: 3 }]);
  });
  afterEach(() => log.close());

  it('one after the other take nothing with them, and only an append that said so may be there twice', async () => {
    const seen: StoredRecord[] = [];
    const running = log.consume({
      group: topic,
      topics: [topic],
      maxRecords: 100,
      onBatch: async ({ records }) => void seen.push(...records),
    });
    const acknowledged: number[] = [];
    const doubtful = new Set<number>();
    let going = true;
    let next = 0;
    const write = async (): Promise<void> => {
      while (going) {
        const ids = Array.from({ length: 10 }, () => next++);
        for (let isStored = false; !isStored;)
          isStored = await log.append([{ topic, records: ids.map(record) }]).then(
            () => true,
            (error: { failure: string }) => {
              expect(error.failure).not.toBe('fatal');
              if (error.failure === 'unknown') for (const id of ids) doubtful.add(id);
              return pause(100, false);
            },
          );
        acknowledged.push(...ids);
        await pause(2);
      }
    };
    const writing = write();
    await until(() => seen.length > 200);
    for (const id of [1, 2]) {
      await cluster.kill(id);
      const before = { acknowledged: acknowledged.length, seen: seen.length };
      await until(() => acknowledged.length > before.acknowledged + 200 && seen.length > before.seen + 200, 60_000);
      await cluster.start(id);
    }
    going = false;
    await writing;
    await until(() => new Set(seen.map(text)).size === acknowledged.length);
    await running.stop();
    await running.done;
    const all = await stored();
    for (const records of [all, seen]) {
      expect(rising(inOrder(records).flat())).toEqual(acknowledged);
      for (const ids of inOrder(records)) expect(ids).toEqual(rising(ids));
    }
    const twice = all.map(text).filter((id, i, ids) => ids.indexOf(id) !== i);
    expect(twice.filter((id) => !doubtful.has(Number(id)))).toEqual([]);
  }, 240_000);

  it('until one is left keep an append waiting: it alone would hold it', async () => {
    await log.append([{ topic, records: [record(1)] }]);
    await Promise.all([cluster.kill(2), cluster.kill(3)]);
    let isStored = false;
    const append = log.append([{ topic, records: [record(2)] }]).then(() => (isStored = true));
    await pause(3_000);
    expect(isStored).toBe(false);
    await cluster.start(2);
    await append;
    expect(rising((await stored()).map((one) => Number(text(one))))).toEqual([1, 2]);
  });
});
