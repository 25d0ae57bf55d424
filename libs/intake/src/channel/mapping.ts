import { type Scope } from './columns.js';
import { type Condition } from './condition.js';
import { type Emission } from './emission.js';
import { MapFailure } from './errors.js';
import {
  type FileIdentity,
  type JsonObject,
  type Mapped,
  type MappedItem,
  type NativeEnvelope,
  type Reject,
  type Row,
} from './model.js';

export interface IgnoreRule {
  readonly when: Condition;
  readonly because: string;
}

const encoder = new TextEncoder();

/** Rows that go to the quarantine as one. */
export const refuse = (rows: readonly Row[], reason: string): Reject => ({
  row: rows[0]?.row ?? 0,
  line: rows[0]?.line ?? 0,
  rows: rows.length,
  bytes: encoder.encode(rows.map((r) => r.raw).join('\n')),
  reason,
});

/**
 * Maps one record whole or not at all: if any of its touchpoints cannot be made, all its rows are refused together, so
 * that a repaired record does not come in twice in part.
 */
export const recordMapper = (ignore: readonly IgnoreRule[], emit: readonly Emission[]) => {
  const ofRecord = emit.filter((e) => e.per === 'record');
  const ofRow = emit.filter((e) => e.per === 'row');
  return (rows: readonly Row[], file: FileIdentity): Mapped => {
    const scope: Scope = { rows, index: 0, file };
    try {
      for (const rule of ignore)
        if (rule.when(scope)) return { items: [], rejects: [], ignored: [{ reason: rule.because, rows: rows.length }] };
      return made(scope, ofRecord, ofRow);
    } catch (error) {
      if (!(error instanceof MapFailure)) throw error;
      return { items: [], rejects: [refuse(rows, error.reason)], ignored: [] };
    }
  };
};

const made = (scope: Scope, ofRecord: readonly Emission[], ofRow: readonly Emission[]): Mapped => {
  const { rows } = scope;
  const items: MappedItem[] = [];
  const rejects: Reject[] = [];
  const first = rows[0]?.row ?? 0;
  for (const { when, make, columnsOf } of ofRecord)
    if (!when || when(scope))
      items.push({ envelope: make(scope), rows: items.length === 0 ? rows.length : 0, row: first, columnsOf });
  // A touchpoint of the whole record accounts for all its rows; those of single rows then account for none.
  const covered = items.length > 0;
  if (covered && ofRow.length === 0) return { items: toldApart(items), rejects, ignored: [] };
  for (scope.index = 0; scope.index < rows.length; scope.index++) {
    const row = rows[scope.index] as Row;
    let counted = covered;
    for (const { when, make, columnsOf } of ofRow) {
      if (when && !when(scope)) continue;
      items.push({ envelope: make(scope), rows: counted ? 0 : 1, row: row.row, columnsOf });
      counted = true;
    }
    if (!counted) rejects.push(refuse([row], 'no entry of `emit` and no entry of `ignore` takes this row'));
  }
  return { items: toldApart(items), rejects, ignored: [] };
};

/**
 * Of two touchpoints with one message id the second counts as a repeat of the first, and what it says would be lost: where they
 * are of two types, or of one row, which no entry takes twice. Two rows of one type may well repeat each other.
 */
const toldApart = (items: readonly MappedItem[]): readonly MappedItem[] => {
  if (items.length < 2) return items;
  const before = new Map<string, MappedItem>();
  for (const item of items) {
    const { messageId, type } = item.envelope;
    const other = before.get(messageId);
    before.set(messageId, item);
    if (other === undefined) continue;
    const saysMore = other.row === item.row && JSON.stringify(other.envelope) !== JSON.stringify(item.envelope);
    if (saysMore || other.envelope.type !== type)
      throw new MapFailure(
        `${other.envelope.type} and ${type} of one record have the same messageId, by which the second counts as known; give each entry of \`emit\` its own`,
      );
  }
  return items;
};

/** For producers that already speak Tributary: each row is an envelope. Its inside is judged at the door, not here. */
export const nativeMapper = (rows: readonly Row[]): Mapped => {
  const items: MappedItem[] = [];
  const rejects: Reject[] = [];
  for (const row of rows) {
    const envelope = row.values as JsonObject;
    if (typeof envelope['type'] === 'string' && typeof envelope['messageId'] === 'string')
      items.push({ envelope: envelope as unknown as NativeEnvelope, rows: 1, row: row.row });
    else rejects.push(refuse([row], 'a touchpoint needs a type and a messageId, both text'));
  }
  return { items, rejects, ignored: [] };
};
