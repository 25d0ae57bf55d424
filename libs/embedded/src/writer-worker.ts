import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { afterWork, collectGarbage } from './after-work.js';
import { GroupCoordinator } from './group-coordinator.js';
import { KeyTable } from './key-table.js';
import { toFailure, type FromWriter, type ToWriter, type WriterCall, type WriterStats } from './protocol.js';
import { keysFile, openKeys, openStore, storeFile, type WriterTuning } from './schema.js';
import { namingFile } from './sqlite-failure.js';
import { StoreWriter, type GroupOutcome } from './store-writer.js';
import { closeWhole } from './truncate-wal.js';

/** The only thread that writes. What arrives while a transaction is under way is gathered into the next one. */
const { dir, masterKey, tuning } = workerData as {
  readonly dir: string;
  readonly masterKey: Uint8Array;
  readonly tuning: WriterTuning;
};

/** Bounds a transaction: beyond it the latency of small appends would suffer more than the throughput would gain. */
const GROUP_BYTES = 8 * 2 ** 20;
/** A thread that does not confirm within this time is taken for dead or stuck: it must not hold up an erasure. */
const FORGET_MS = 5000;

interface Client {
  readonly port: MessagePort;
  readonly members: Set<string>;
}
type Write = Extract<ToWriter, { type: 'write' }>;
type Entry = { readonly client: Client } & (
  | { readonly write: Write; readonly call?: undefined }
  | { readonly id: number; readonly call: WriterCall; readonly write?: undefined }
);

// The tables use the file when they are made, too: damage that was not met when it was opened shows there.
const store = namingFile(storeFile(dir), () => new StoreWriter(openStore(dir, tuning)));
const keys = namingFile(keysFile(dir), () => new KeyTable(openKeys(dir), masterKey));
const coordinator = new GroupCoordinator();
const clients = new Set<Client>();
const queue: Entry[] = [];
const counters = { groups: 0, writes: 0, busy_ms: 0 };
let scheduled = false;

const rest = (): void => {
  for (const { db } of [store, keys]) db.exec('PRAGMA shrink_memory');
  collectGarbage();
};
const stopResting = afterWork(rest);

const tell = (client: Client, message: FromWriter): void => client.port.postMessage(message);

const schedule = (): void => {
  if (scheduled) return;
  scheduled = true;
  // After the poll phase: all that lies in the ports by then joins the group.
  setImmediate(() => {
    scheduled = false;
    next();
    if (queue.length > 0) schedule();
  });
};

const next = (): void => {
  const first = queue[0];
  if (!first) return;
  if (!first.write) {
    queue.shift();
    void answer(first.client, first.id, first.call);
    return;
  }
  const group: { client: Client; write: Write }[] = [];
  let bytes = 0;
  for (const entry of queue) {
    if (!entry.write || (group.length > 0 && bytes + entry.write.frame.length > GROUP_BYTES)) break;
    bytes += entry.write.frame.length;
    group.push(entry);
  }
  queue.splice(0, group.length);
  commit(group);
};

const commit = (group: readonly { readonly client: Client; readonly write: Write }[]): void => {
  const begun = performance.now();
  try {
    report(group, store.group(group.map(({ write }) => write)));
    counters.writes += group.length;
  } catch (failure) {
    // One bad write must not fail its neighbours, unless it is the disk that is full for all.
    if (group.length > 1 && toFailure(failure).type !== 'full') group.forEach((one) => commit([one]));
    else report(group, { refusals: group.map(() => failure), ends: [], head: store.events.last });
  }
  group.forEach(({ write }) => letGo(write.frame));
  counters.groups++;
  counters.busy_ms += performance.now() - begun;
};

/** A frame may be some hundred megabytes: where the runtime can, its memory is given back now and not by a later collection. */
const letGo = ({ buffer }: Uint8Array): void => {
  if (buffer.byteLength > 0) (buffer as Transferable).transfer?.(0);
};

/** Node has it from 21 on. */
type Transferable = { transfer?(bytes: number): unknown };

const report = (group: readonly { readonly client: Client; readonly write: Write }[], outcome: GroupOutcome): void => {
  const { ends, head } = outcome;
  for (const client of clients) {
    const done: number[] = [];
    const refused: [number, ReturnType<typeof toFailure>][] = [];
    group.forEach(({ client: asker, write }, i) => {
      if (asker !== client) return;
      const refusal = outcome.refusals[i];
      if (refusal === undefined) done.push(write.id);
      else refused.push([write.id, toFailure(refusal)]);
    });
    tell(client, { type: 'committed', done, refused, ends, head });
  }
};

const answer = async (client: Client, id: number, call: WriterCall): Promise<void> => {
  try {
    tell(client, { type: 'answer', id, value: await carryOut(client, call) });
    if (call.name === 'shutdown') clients.forEach(({ port }) => port.close());
  } catch (error) {
    tell(client, { type: 'answer', id, failure: toFailure(error) });
  }
};

const carryOut = (client: Client, call: WriterCall): unknown => {
  switch (call.name) {
    case 'ensureTopics':
      return store.ensureTopics(call.topics);
    case 'truncate':
      return store.truncate(call.partition, call.before);
    case 'expire':
      return store.expire(call.now_ms);
    case 'replace':
      return store.replace(call.frame);
    case 'clear':
      return store.clear(call.kind);
    case 'scrub':
      return store.scrub();
    case 'ensureKeys':
      return keys.ensure(call.subjects);
    case 'destroyKeys':
      return destroyKeys(call.keyIds);
    case 'keysMarkedTo':
      return keys.markedTo();
    case 'markKeys':
      return keys.markTo(call.position, call.from);
    case 'join':
      return join(client, call);
    case 'leave':
      client.members.delete(call.member);
      return coordinator.leave(call.member);
    case 'stats':
      return { ...counters, queued: queue.length, head: store.events.last } satisfies WriterStats;
    case 'rest':
      return rest();
    case 'shutdown':
      return shutDown();
  }
};

const forgetting = new Map<number, () => void>();
let lastToken = 0;

/** Keys are destroyed only when no thread of this process remembers them any more. */
const destroyKeys = async (keyIds: readonly string[]): Promise<number> => {
  const subjects = keys.subjectsOf(keyIds);
  try {
    return await keys.destroy(keyIds);
  } finally {
    // Also if it failed: some may be gone, and whose they were is known only now.
    await forgotten(subjects);
  }
};

const forgotten = (subjects: readonly string[]): Promise<unknown> =>
  Promise.all(
    [...clients].map(
      (client) =>
        new Promise<void>((resolve) => {
          const token = ++lastToken;
          const settled = () => {
            clearTimeout(patience);
            forgetting.delete(token);
            client.port.off('close', settled);
            resolve();
          };
          const patience = setTimeout(settled, FORGET_MS);
          forgetting.set(token, settled);
          client.port.on('close', settled);
          tell(client, { type: 'forget', token, subjects });
        }),
    ),
  );

const join = (client: Client, call: Extract<WriterCall, { name: 'join' }>): void => {
  const { group, member, partitions } = call;
  client.members.add(member);
  coordinator.join({
    name: member,
    group,
    partitions,
    granted: (partition) => tell(client, { type: 'granted', member, partition }),
    revoked: (partition) => tell(client, { type: 'revoked', member, partition }),
  });
};

const shutDown = (): void => {
  stopResting();
  closeWhole(store.db);
  closeWhole(keys.db);
  parentPort!.close();
};

const receive = (client: Client, message: ToWriter): void => {
  switch (message.type) {
    case 'write':
      queue.push({ client, write: message });
      return schedule();
    case 'call':
      queue.push({ client, id: message.id, call: message.call });
      return schedule();
    case 'forgotten':
      return forgetting.get(message.token)?.();
    case 'released':
      return coordinator.released(message.member, message.partition);
  }
};

parentPort!.on('message', ({ connect }: { readonly connect: MessagePort }) => {
  const client: Client = { port: connect, members: new Set() };
  clients.add(client);
  connect.on('message', (message: ToWriter) => receive(client, message));
  connect.on('close', () => {
    clients.delete(client);
    for (const member of client.members) coordinator.leave(member);
  });
  tell(client, { type: 'hello', masterKey });
});
parentPort!.postMessage('ready');
