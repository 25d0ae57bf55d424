import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unseal } from '@tributary/contracts/sealing';
import { type Append, type EventMetadata, type SecretKey } from '@tributary/kernel';
import { type Embedded, openEmbedded } from './index.js';
import { openKeys } from './schema.js';

const MARK = 'what-only-the-customer-may-know';

let dir: string;
let store: Embedded;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-sealing-'));
  store = await openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1), cachedKeys: 1_000 });
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true });
});

const plainOf = (owner: string, revision: number, bytes: number): Buffer =>
  Buffer.from(`${MARK} ${owner} ${revision} é散客 `.padEnd(bytes, '.'));

const metadata: EventMetadata = { recordedAt: 7, source: { topic: 'touchpoints.é', partition: 3, offset: 9 } };

/** Two events of an owner, `round` after `round`; some small, some larger than frames are expected to be. */
const appendOf = (owner: string, round: number, bytes: number): Append => ({
  stream: `s-${owner}`,
  expectedRevision: round * 2 - 1,
  events: [0, 1].map((i) => ({
    id: `${owner}-${round}-${i}`,
    type: 'Happened',
    data: plainOf(owner, round * 2 + i, bytes),
    metadata,
  })),
});

const ownersOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `o${i}`);

const commit = async (owners: readonly string[], round: number, { records = 10, bytes = 200 } = {}): Promise<void> => {
  const draft = await store.sink.begin([], records);
  for (const owner of owners) draft.appendUnsealed?.(appendOf(owner, round, bytes), owner);
  draft.append({
    stream: `plain-${round}`,
    expectedRevision: -1,
    events: [{ id: `p-${round}`, type: 'Told', data: Buffer.from('as it is'), metadata: { recordedAt: 8 } }],
  });
  await draft.commit({ documents: [], offsets: [] });
};

/** Each of an owner's events, opened with the key that its metadata names. */
const opened = async (owner: string): Promise<string[]> => {
  const events = await store.events.readStream(`s-${owner}`, 0, 100);
  const keys = await store.vault.keysById(events.map(({ metadata: { keyId } }) => keyId as string));
  return events.map((event) => {
    expect(event.metadata).toEqual({ ...metadata, keyId: event.metadata.keyId });
    return Buffer.from(unseal(keys.get(event.metadata.keyId as string) as SecretKey, event.data)).toString();
  });
};

const filesHold = (text: string): boolean =>
  readdirSync(dir).some((file) => readFileSync(join(dir, file)).includes(text));

describe.each([
  ['a small frame', { records: 10 }],
  ['a large frame', { records: 2_000 }],
  ['a frame that outgrows its memory', { records: 1_000, bytes: 6_000 }],
])('events that are appended unsealed to %s', (_, size) => {
  it('are sealed with the key of their owner, which they name, and no plain byte of them is stored', async () => {
    const owners = ownersOf(1_500);
    await commit(owners, 0, size);
    await commit(owners.slice(700), 1, size);
    const { bytes = 200 } = size as { bytes?: number };
    const current = await store.vault.keysFor(owners);
    for (const owner of owners) {
      const revisions = Number(owner.slice(1)) < 700 ? [0, 1] : [0, 1, 2, 3];
      expect(await opened(owner)).toEqual(revisions.map((revision) => plainOf(owner, revision, bytes).toString()));
      const [event] = await store.events.readStream(`s-${owner}`, 0, 1);
      expect(event?.metadata.keyId).toBe(current.get(owner)?.keyId);
    }
    expect((await store.events.readStream('plain-1', 0, 1))[0]?.data.toString()).toBe('as it is');
    expect(filesHold('as it is')).toBe(true);
    expect(filesHold(MARK)).toBe(false);
  });

  it('are sealed with a new key once the old one is destroyed, and the old ones stay closed', async () => {
    // All of their keys are remembered.
    const owners = ownersOf(900);
    await commit(owners, 0, size);
    const gone = owners.slice(0, 40);
    const before = await store.vault.idsOf(gone);
    expect(await store.vault.destroy(before)).toBe(40);
    await commit(owners, 1, size);
    const after = await store.vault.idsOf(gone);
    expect(after).toHaveLength(40);
    expect(before.filter((id) => after.includes(id))).toEqual([]);
    for (const owner of gone) {
      const [first, , third] = await store.events.readStream(`s-${owner}`, 0, 10);
      expect((await store.vault.keysById([first?.metadata.keyId as string])).size).toBe(0);
      expect(after).toContain(third?.metadata.keyId);
    }
    expect(await opened('o800')).toHaveLength(4);
  });

  it('are not written where there is no key to be had, and are when there is', async () => {
    const owners = ownersOf(1_100);
    await commit(owners.slice(0, 1), 0, size);
    const file = openKeys(dir);
    file.exec('ALTER TABLE subject_key RENAME TO elsewhere');
    const head = await store.events.head();
    await expect(commit(owners.slice(1), 1, size)).rejects.toThrow(/no such table/);
    expect(await store.events.head()).toBe(head);
    file.exec('ALTER TABLE elsewhere RENAME TO subject_key');
    file.close();
    await commit(owners.slice(1), 0, size);
    expect(await opened('o1000')).toHaveLength(2);
    expect(filesHold(MARK)).toBe(false);
  });
});

it('leaves a draft alone that is dropped while it is being sealed', async () => {
  const owners = ownersOf(3_000);
  const dropped = await store.sink.begin([], 3_000);
  for (const owner of owners) dropped.appendUnsealed?.(appendOf(owner, 0, 300), owner);
  await commit(owners, 0, { records: 3_000 });
  expect(await opened('o2999')).toHaveLength(2);
});

it('has what is being sealed written before the store closes', async () => {
  const draft = await store.sink.begin([], 10);
  for (const owner of ownersOf(500)) draft.appendUnsealed?.(appendOf(owner, 0, 300), owner);
  const written = draft.commit({ documents: [], offsets: [] });
  await store.close();
  await written;
  store = await openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1) });
  expect(await opened('o499')).toHaveLength(2);
});

it('closes whole in a process that has nothing else to do', async () => {
  const script = `
    const { openEmbedded } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
    const store = await openEmbedded({ dir: ${JSON.stringify(join(dir, 'alone'))}, masterKey: new Uint8Array(32).fill(1) });
    const draft = await store.sink.begin([], 2_000);
    for (let i = 0; i < 2_000; i++) {
      const event = { id: 'e' + i, type: 'Happened', data: Buffer.from('what'), metadata: { recordedAt: 1 } };
      draft.appendUnsealed({ stream: 's-' + i, expectedRevision: -1, events: [event] }, 'o' + i);
    }
    await draft.commit({ documents: [], offsets: [] });
    await store.close();
    console.log('closed');`;
  mkdirSync(join(dir, 'alone'));
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect([code, said]).toEqual([0, 'closed\n']);
});
