import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { manualClock } from '@tributary/kernel';
import { type ChdbWarehouse, type SqlListener } from '@tributary/warehouse';
import { AccessKeys } from '../access/access-keys.js';
import { bearer } from '../testing/test-server.js';
import { memoryPlan } from './memory-plan.js';
import { openSqlDoor } from './sql-door.js';

const origins: unknown[] = [];
/** Answers 1 to whatever may be asked. */
const warehouse = {
  version: '1',
  query: async () => [],
  classify: async () => ({ parsed: true, statements: 1, readOnly: true }),
  async *ask(question: { origin?: unknown }) {
    origins.push(question.origin);
    yield { bytes: new TextEncoder().encode('1\n') };
  },
} as unknown as ChdbWarehouse;

let dataDir: string;
let door: SqlListener;
let made: AccessKeys;
const keys: Record<string, string> = {};
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tributary-sql-door-'));
  const clock = manualClock(0);
  made = await AccessKeys.open(join(dataDir, 'access-keys.json'), clock);
  keys['read'] = (await made.create({ kind: 'role', role: 'read' })).key;
  keys['write'] = (await made.create({ kind: 'write', channel: 'web_shop' })).key;
  const token = { text: 'token', grant: { kind: 'role', role: 'admin' } } as const;
  door = await openSqlDoor(
    warehouse,
    { dataDir, host: '127.0.0.1', sqlPort: 0, token, plan: memoryPlan(2 ** 31) },
    clock,
  );
});
afterAll(async () => {
  await door.close();
  await rm(dataDir, { recursive: true, force: true });
});

const ask = async (headers: Record<string, string>, query = ''): Promise<number> => {
  const answer = await fetch(`http://127.0.0.1:${door.port}/?${query}`, { method: 'POST', body: 'SELECT 1', headers });
  await answer.text();
  return answer.status;
};

describe('the SQL door on loopback', () => {
  test('is open to who is on this machine, and to a key of a role', async () => {
    expect(await ask({})).toBe(200);
    expect(await ask({}, 'user=default')).toBe(200);
    expect(await ask(bearer(keys['read'] ?? ''))).toBe(200);
    expect(await ask({}, `user=any&password=${keys['write']}`)).toBe(403);
  });

  test('who came through a proxy that says so is not on this machine, and needs a key', async () => {
    const through = { 'x-forwarded-for': '203.0.113.7' };
    expect(await ask(through)).toBe(401);
    expect(await ask(through, 'user=default')).toBe(403);
    expect(await ask({ ...through, ...bearer(keys['read'] ?? '') })).toBe(200);
  });

  test('who asks is named by the id of the key, wherever it stands, and not by the key', async () => {
    const [key] = made.list().filter(({ grant }) => grant.kind === 'role');
    origins.length = 0;
    await ask(bearer(keys['read'] ?? ''));
    await ask({}, `user=${keys['read']}&password=any`);
    await ask({});
    expect(origins).toMatchObject([{ asker: key?.id }, { asker: key?.id }, { asker: undefined }]);
  });

  test('another site’s page may not ask', async () => {
    expect(await ask({ origin: 'http://evil.example' })).toBe(403);
    expect(await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
  });
});
