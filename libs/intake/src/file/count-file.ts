import { type Channel } from '../channel/model.js';
import { type ReadOptions, readChannelFile } from './read-file.js';
import { SourceDamaged } from './source-damaged.js';

/** What a file would come to, without taking it in. `rows` = `covered` + Σ `ignored` + `rejected`. */
export interface FileAccount {
  readonly rows: number;
  /** Rows that touchpoints stand for. */
  readonly covered: number;
  readonly ignored: Readonly<Record<string, number>>;
  /** Rows that would go to the quarantine. */
  readonly rejected: number;
  /** Their number by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly touchpoints: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly anonymous: number;
  /** Why reading ended early; `null`: it did not. */
  readonly damage: string | null;
}

/** A dry run of an import: every row in exactly one account. */
export const countChannelFile = async (
  channel: Channel,
  path: string,
  options: ReadOptions = {},
): Promise<FileAccount> => {
  const account = { rows: 0, covered: 0, rejected: 0, touchpoints: 0, anonymous: 0 };
  const [ignored, reasons, byType]: Record<string, number>[] = [{}, {}, {}];
  const count = (into: Record<string, number> | undefined, key: string, n: number) =>
    into && (into[key] = (into[key] ?? 0) + n);
  let damage: string | null = null;
  try {
    for await (const batch of readChannelFile(channel, path, options)) {
      account.rows += batch.rows;
      account.touchpoints += batch.items.length;
      for (const { envelope, rows } of batch.items) {
        account.covered += rows;
        if (!(envelope.identifiers?.length > 0)) account.anonymous++;
        count(byType, envelope.type, 1);
      }
      for (const { rows, reason } of batch.rejects) {
        account.rejected += rows;
        count(reasons, reason, rows);
      }
      for (const [reason, rows] of Object.entries(batch.ignored)) count(ignored, reason, rows);
    }
  } catch (error) {
    if (!(error instanceof SourceDamaged)) throw error;
    damage = error.message;
  }
  return { ...account, ignored: ignored ?? {}, reasons: reasons ?? {}, byType: byType ?? {}, damage };
};
