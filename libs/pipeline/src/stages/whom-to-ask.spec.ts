import { beforeEach, describe, expect, it } from '@jest/globals';
import { customerText, newCustomer } from '@tributary/domain';
import {
  type CustomerId,
  type DocumentStore,
  type DocumentWrite,
  type Instant,
  settableClock,
} from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { ProcessingTime } from '../processing-time.js';
import { rulesAskedText } from '../rules-asked.js';
import { type Asked, WhomToAsk } from './whom-to-ask.js';

const NOW = Date.UTC(2026, 0, 1);
const RULES = 'r2';
const POSITION = 7;

interface Known {
  readonly due_ms?: Instant;
  readonly decidedAt?: Instant;
  readonly rules?: string;
  readonly version?: number;
}

const customer = (key: string, { due_ms, decidedAt = NOW, rules = RULES, version = 0 }: Known): DocumentWrite => {
  const course = [{ track: 'relationship' as const, from: null, to: 'exit', at: decidedAt, evidence: {} }];
  const body = customerText({ ...newCustomer(key as CustomerId, []), course, rules });
  return { kind: 'customer', key, version, body, due_ms: due_ms ?? null };
};

describe('whom a projector asks', () => {
  let documents: DocumentStore;
  let awaited: Set<string>;

  beforeEach(() => {
    documents = memoryStore().documents;
    awaited = new Set();
  });

  const begun = async (asked: 'everybody' | 'nobody' = 'everybody'): Promise<WhomToAsk> => {
    const upTo = (key: string, body: string): DocumentWrite => ({ kind: 'checkpoint', key, version: 0, body });
    if (asked === 'everybody')
      await documents.replace([
        upTo('lifecycle-rules', rulesAskedText({ rules: RULES, after: null })),
        upTo('processing-time', JSON.stringify({ to: NOW })),
      ]);
    const whom = new WhomToAsk(documents, new ProcessingTime(settableClock(NOW)), RULES, (id) => awaited.has(id));
    await whom.begin();
    return whom;
  };

  const all = async (whom: WhomToAsk): Promise<readonly (readonly string[])[]> => {
    const rounds: (readonly string[])[] = [];
    for (let asked: Asked | null; (asked = await whom.next()) !== null && rounds.length < 4;) rounds.push(asked.ids);
    return rounds;
  };

  it('is nobody before their time has come', async () => {
    await documents.replace([customer('c_1', { due_ms: NOW + 1 })]);
    const whom = await begun();
    expect([await whom.isAnybody(), await all(whom)]).toEqual([false, []]);
  });

  it('are first those who were decided ahead, then those by other rules, then who is due', async () => {
    await documents.replace([
      customer('c_1', { due_ms: NOW }),
      customer('c_2', { rules: 'r1' }),
      customer('c_3', { decidedAt: NOW + 1 }),
    ]);
    const whom = await begun('nobody');
    expect(await whom.isAnybody()).toBe(true);
    expect((await all(whom)).slice(0, 3)).toEqual([['c_3'], ['c_2'], ['c_1']]);
  });

  it('are none of whom a decision is on its way, and there may be more behind them', async () => {
    await documents.replace([customer('c_1', { due_ms: NOW }), customer('c_2', { rules: 'r1' })]);
    awaited = new Set(['c_1', 'c_2']);
    const whom = await begun('nobody');
    expect(await all(whom)).toEqual([[], []]);
    expect(await whom.isAnybody()).toBe(false);
    awaited.clear();
    expect((await all(whom))[0]).toEqual(['c_1']);
  });

  it('are not asked twice at one position where their next time could not be written there', async () => {
    await documents.replace([
      customer('c_1', { due_ms: NOW, version: POSITION }),
      customer('c_2', { due_ms: NOW, version: POSITION - 1 }),
    ]);
    const whom = await begun();
    const later = { due_ms: NOW + 1 };
    const isWritten = await whom.retime(
      [customer('c_1', { ...later, version: POSITION + 1 }), customer('c_2', { ...later, version: POSITION })],
      POSITION,
    );
    expect([isWritten, await all(whom)]).toEqual([false, []]);
    expect((await documents.due('customer', NOW, 10)).map(({ key }) => key)).toEqual(['c_1']);
    whom.news();
    expect((await all(whom))[0]).toEqual(['c_1']);
  });

  it('are also those who stand behind any number of such', async () => {
    const known = Array.from({ length: 600 }, (_, i) => `c_${1000 + i}`);
    await documents.replace(known.map((key) => customer(key, { due_ms: NOW - 1, version: POSITION })));
    await documents.replace([customer('c_2', { due_ms: NOW })]);
    const whom = await begun();
    await whom.retime(
      known.map((key) => customer(key, { due_ms: NOW + 1, version: POSITION + 1 })),
      POSITION,
    );
    expect((await all(whom))[0]).toEqual(['c_2']);
  });
});
