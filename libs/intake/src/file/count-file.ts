import { createHash } from 'node:crypto';
import { type Instant } from '@tributary/kernel';
import { judgedAtDoor } from '../channel/door.js';
import { type Channel, type NativeEnvelope } from '../channel/model.js';
import { fieldInFile } from '../channel/origin.js';
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
  /** Touchpoints that name nobody: no identifier is stated, or the door would keep none of them. */
  readonly anonymous: number;
  /** How many identifiers are stated of each type of which the door would keep nothing: placeholders, masked or blocked values. */
  readonly unkept: Readonly<Record<string, number>>;
  /** Touchpoints whose message id another one of the file had before: they would count as known. Of a million ids at most. */
  readonly repeats: number;
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
  const account = { rows: 0, covered: 0, rejected: 0, touchpoints: 0, anonymous: 0, repeats: 0 };
  const [ignored, reasons, byType, unkept]: Record<string, number>[] = [{}, {}, {}, {}];
  const count = (into: Record<string, number> | undefined, key: string, n: number) =>
    into && (into[key] = (into[key] ?? 0) + n);
  const first: NativeEnvelope[] = [];
  const places: Record<string, string> = {};
  let damage: string | null = null;
  const ids = new Set<string>();
  const judged = ({ receivedAt }: CountOptions, envelope: NativeEnvelope) =>
    receivedAt === undefined ? null : judgedAtDoor(channel.name, envelope, receivedAt);
  try {
    for await (const batch of readChannelFile(channel, path, options)) {
      account.rows += batch.rows;
      for (const item of batch.items) {
        const { envelope, rows, row } = item;
        const parsed = judged(options, envelope);
        if (parsed?.ok === false) {
          const { field, found, expected } = parsed.problem;
          const refusal = `${fieldInFile(item, field)}: found ${found}, expected ${expected}`;
          account.rejected += rows;
          count(reasons, refusal, rows);
          places[refusal] ??= `row ${row}`;
          continue;
        }
        account.touchpoints++;
        account.covered += rows;
        if (first.length < (options.first ?? 0)) first.push(envelope);
        const stated = envelope.identifiers ?? [];
        const kept = parsed?.ok ? parsed.touchpoint.identifiers : stated;
        if (kept.length === 0) account.anonymous++;
        for (const [type, n] of withoutKept(stated, kept)) count(unkept, type, n);
        count(byType, envelope.type, 1);
        const id = idIn(envelope);
        if (ids.has(id)) account.repeats++;
        else if (ids.size < mostIds) ids.add(id);
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
  return {
    ...account,
    first,
    places,
    ignored: ignored ?? {},
    reasons: reasons ?? {},
    byType: byType ?? {},
    unkept: unkept ?? {},
    damage,
  };
};

const mostIds = 1_000_000;
/** A message id in few bytes; among a million, two of one such hash are not to be expected. */
const idIn = ({ messageId }: NativeEnvelope): string =>
  createHash('sha256').update(messageId).digest('base64').slice(0, 12);

/** The types of which nothing was kept, though something was stated, each with how many were. */
const withoutKept = (
  stated: readonly { readonly type: string }[],
  kept: readonly { readonly type: string }[],
): readonly (readonly [type: string, n: number])[] =>
  [...new Set(stated.map(({ type }) => type))]
    .filter((type) => !kept.some((one) => one.type === type))
    .map((type) => [type, stated.filter((one) => one.type === type).length]);
