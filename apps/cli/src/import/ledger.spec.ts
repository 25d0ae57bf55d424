import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FileBatch } from '@tributary/intake';
import { emptyLedger, MOST_REASONS, OTHER_REASONS, RunningLedger, sumOf } from './ledger.js';

const batch = (rows: number, resumeAt: number, parts: Partial<FileBatch>): FileBatch => ({
  items: [],
  rejects: [],
  ignored: {},
  rows,
  bytesRead: 0,
  bytesTotal: 0,
  resumeAt,
  ...parts,
});
const item = (row: number, rows: number) => ({
  row,
  rows,
  envelope: { type: 't', messageId: String(row), occurredAt: 0, identifiers: [], payload: {} },
});
const reject = (row: number, reason: string) => ({ row, rows: 1, line: row, bytes: new Uint8Array(), reason });

describe('RunningLedger', () => {
  it('accounts for every row once: touchpoints, ignored, quarantined by reader or door', () => {
    const ledger = new RunningLedger(emptyLedger, 0);
    ledger.add(
      batch(6, 6, { items: [item(1, 2), item(3, 1)], rejects: [reject(4, 'broken')], ignored: { no: 2 } }),
      new Map([[1, 'refused']]),
    );
    expect(ledger.total).toEqual({
      rows: 6,
      covered: 2,
      ignored: { no: 2 },
      quarantined: 2,
      reasons: { broken: 1, refused: 1 },
      touchpoints: 1,
    });
    expect(ledger.checkpoint).toEqual({ resumeAt: 6, ledger: ledger.total });
  });

  it('leaves out of the checkpoint what will be read again', () => {
    const ledger = new RunningLedger(emptyLedger, 0);
    ledger.add(
      batch(5, 2, { items: [item(1, 2), item(4, 1)], rejects: [reject(3, 'broken')], ignored: { no: 1 } }),
      new Map(),
    );
    expect(ledger.checkpoint).toEqual({
      resumeAt: 2,
      ledger: { rows: 2, covered: 2, ignored: {}, quarantined: 0, reasons: {}, touchpoints: 1 },
    });
  });

  it('stays short where each row fails for a reason of its own', () => {
    const ledger = new RunningLedger(emptyLedger, 0);
    const failed = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => reject(from + i + 1, `field ${from + i}`));
    ledger.add(batch(MOST_REASONS + 3, MOST_REASONS + 1, { rejects: failed(0, MOST_REASONS + 3) }), new Map());
    const { resumeAt, ledger: noted } = ledger.checkpoint;
    expect(noted).toMatchObject({ quarantined: resumeAt, reasons: { 'field 0': 1, [OTHER_REASONS]: 1 } });
    const resumed = new RunningLedger(noted, resumeAt);
    const [again, row] = [failed(resumeAt, MOST_REASONS + 3), reject(MOST_REASONS + 4, 'field 0')];
    resumed.add(batch(again.length + 1, MOST_REASONS + 4, { rejects: [...again, row] }), new Map());
    expect(resumed.total).toMatchObject({
      quarantined: MOST_REASONS + 4,
      reasons: { 'field 0': 2, [OTHER_REASONS]: 3 },
    });
    expect(Object.keys(resumed.total.reasons)).toHaveLength(MOST_REASONS + 1);
    expect(sumOf(resumed.total.reasons)).toBe(MOST_REASONS + 4);
  });

  it('comes to the same account wherever it is interrupted', () => {
    const kinds = fc.array(fc.constantFrom('item', 'reject', 'ignored', 'refused'), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(kinds, fc.nat(30), fc.nat(5), (rows, cut, open) => {
        const stop = Math.min(cut, rows.length);
        const take = (ledger: RunningLedger, from: number, to: number, resumeAt: number) => {
          const taken = rows.slice(from, to).map((kind, i) => ({ kind, row: from + i + 1 }));
          const items = taken.filter(({ kind }) => kind === 'item' || kind === 'refused');
          const refused = new Map(items.flatMap(({ kind }, i) => (kind === 'refused' ? [[i, 'door'] as const] : [])));
          const ignored = taken.filter(({ kind }) => kind === 'ignored').length;
          const rejects = taken.filter(({ kind }) => kind === 'reject').map(({ row }) => reject(row, 'reader'));
          ledger.add(
            batch(taken.length, resumeAt, {
              items: items.map(({ row }) => item(row, 1)),
              rejects,
              ignored: ignored > 0 ? { no: ignored } : {},
            }),
            refused,
          );
        };
        const whole = new RunningLedger(emptyLedger, 0);
        take(whole, 0, rows.length, rows.length);
        const before = new RunningLedger(emptyLedger, 0);
        take(before, 0, stop, Math.max(0, stop - open));
        const { resumeAt, ledger } = before.checkpoint;
        const after = new RunningLedger(ledger, resumeAt);
        take(after, resumeAt, rows.length, rows.length);
        expect(after.total).toEqual(whole.total);
        expect(whole.total.rows).toBe(whole.total.covered + sumOf(whole.total.ignored) + whole.total.quarantined);
      }),
    );
  });
});
