import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openEmbedded } from '@tributary/embedded';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DocumentStore } from '@tributary/kernel';
import { type Platform, startPlatform } from '../platform.js';
import { type Verification } from '../ops/operations.js';

let dataDir: string;
let platform: Platform | undefined;
beforeEach(async () => void (dataDir = await mkdtemp(join(tmpdir(), 'tributary-upgraded-'))));
afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

const start = async (forOneCommand = false): Promise<void> => {
  platform = await startPlatform({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    sqlPort: 0,
    logLevel: 'silent',
    forOneCommand,
  });
};
const stop = async (): Promise<void> => {
  await platform?.stop();
  platform = undefined;
};

const ask = async <T>(path: string, body: unknown): Promise<T> => {
  const { url, token } = platform as Platform;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
};
const verify = (): Promise<Verification> => ask('/v1/ops/verify', {});

/** As long as no platform runs. */
const withDocuments = async <T>(work: (documents: DocumentStore) => Promise<T>): Promise<T> => {
  const { masterKey } = JSON.parse(await readFile(join(dataDir, 'secrets.json'), 'utf8')) as { masterKey: string };
  const store = await openEmbedded({ dir: dataDir, masterKey: Buffer.from(masterKey, 'base64'), reads: 'thread' });
  try {
    return await work(store.documents);
  } finally {
    await store.close();
  }
};

/** Subjects hold what another program made of the same events. */
const madeByAnother = (documents: DocumentStore, mark: string | null): Promise<void> =>
  documents.scan('subject', '', 100).then(async (subjects) => {
    expect(subjects.length).toBeGreaterThan(0);
    await documents.replace([
      ...subjects.map(({ key, version, body }) => ({
        kind: 'subject' as const,
        key,
        version,
        body: body.replaceAll('125000', '125001'),
      })),
      { kind: 'checkpoint', key: 'projected-as', version: 0, body: mark },
    ]);
  });

const orders = [1, 2].map((n) => ({
  type: 'order_placed',
  messageId: `o${n}`,
  occurredAt: `2026-05-0${n}T10:00:00+08:00`,
  identifiers: [{ type: 'phone', value: `1391234567${n}` }],
  payload: { orderId: `o${n}`, amount: '12.50', currency: 'CNY', lines: [] },
}));

/** A platform that has been stopped, with two customers. */
const filled = async (): Promise<void> => {
  await start();
  await ask('/v1/touchpoints?channel=web_shop', orders);
  while (!(await verify()).projections.some(({ name, rows }) => name === 'customers' && rows === 2));
  await stop();
};

test('given documents of before programs marked what they made, then the first start makes them anew, and a verify waits for it', async () => {
  await filled();
  await withDocuments((documents) => madeByAnother(documents, null));
  await start();
  expect(await verify()).toMatchObject({ outcome: 'equal' });
  await stop();
  const [mark] = await withDocuments((documents) => documents.get('checkpoint', ['projected-as']));
  expect(mark?.body).toMatch(/^\d+$/);
});

test('given documents of before programs marked what they made, then one command begins nothing that it does not hang on', async () => {
  await filled();
  await withDocuments((documents) => madeByAnother(documents, null));
  await start(true);
  await stop();
  const [mark] = await withDocuments((documents) => documents.get('checkpoint', ['projected-as']));
  expect(mark).toBeUndefined();
  await start(true);
  expect(await verify()).toMatchObject({ outcome: 'equal' });
});

test('given documents of this program, then a start changes none: what differs is for verify to tell', async () => {
  await filled();
  await withDocuments(async (documents) => {
    const [mark] = await documents.get('checkpoint', ['projected-as']);
    await madeByAnother(documents, mark?.body ?? null);
  });
  await start();
  expect(await verify()).toMatchObject({ outcome: 'different' });
});
