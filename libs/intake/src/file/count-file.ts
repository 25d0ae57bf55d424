import { type Instant } from '@tributary/kernel';
import { problemAtDoor } from '../channel/door.js';
import { type Channel, type NativeEnvelope } from '../channel/model.js';
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
  /** Where each reason was met first: `line 7`, or `row 6` of what the door refused. */
  readonly places: Readonly<Record<string, string>>;
  readonly touchpoints: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly anonymous: number;
  /** The first of the touchpoints, as many as were asked for. */
  readonly first: readonly NativeEnvelope[];
  /** Why reading ended early; `null`: it did not. */
  readonly damage: string | null;
}

export interface CountOptions extends ReadOptions {
  /** When the door is to have judged what is read; absent: it is not asked. */
  readonly receivedAt?: Instant;
  /** How many of the touchpoints to hand back. */
  readonly first?: number;
}

/** A dry run of an import: every row in exactly one account. */
export const countChannelFile = async (
  channel: Channel,
  path: string,
  options: CountOptions = {},
): Promise<FileAccount> => {
  const account = { rows: 0, covered: 0, rejected: 0, touchpoints: 0, anonymous: 0 };
  const [ignored, reasons, byType]: Record<string, number>[] = [{}, {}, {}];
  const count = (into: Record<string, number> | undefined, key: string, n: number) =>
    into && (into[key] = (into[key] ?? 0) + n);
  const first: NativeEnvelope[] = [];
  const places: Record<string, string> = {};
  let damage: string | null = null;
  const refusalOf = (envelope: NativeEnvelope): string | null => {
    if (options.receivedAt === undefined) return null;
    const problem = problemAtDoor(channel.name, envelope, options.receivedAt);
    return problem && `${problem.field}: found ${problem.found}, expected ${problem.expected}`;
  };
  try {
    for await (const batch of readChannelFile(channel, path, options)) {
      account.rows += batch.rows;
      for (const { envelope, rows, row } of batch.items) {
        const refusal = refusalOf(envelope);
        if (refusal !== null) {
          account.rejected += rows;
          count(reasons, refusal, rows);
          places[refusal] ??= `row ${row}`;
          continue;
        }
        account.touchpoints++;
        account.covered += rows;
        if (first.length < (options.first ?? 0)) first.push(envelope);
        if (!(envelope.identifiers?.length > 0)) account.anonymous++;
        count(byType, envelope.type, 1);
      }
      for (const { rows, reason, line } of batch.rejects) {
        account.rejected += rows;
        count(reasons, reason, rows);
        places[reason] ??= `line ${line}`;
      }
      for (const [reason, rows] of Object.entries(batch.ignored)) count(ignored, reason, rows);
    }
  } catch (error) {
    if (!(error instanceof SourceDamaged)) throw error;
    damage = error.message;
  }
  return { ...account, first, places, ignored: ignored ?? {}, reasons: reasons ?? {}, byType: byType ?? {}, damage };
};
