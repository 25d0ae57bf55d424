import { basename } from 'node:path';
import { type Channel, readChannelFile, SourceDamaged } from '@tributary/intake';
import { type Client } from '../http/client.js';
import { type Checkpoint, type Checkpoints } from './checkpoint.js';
import { deliverBatch } from './deliver-batch.js';
import { emptyLedger, type Ledger, type Refusals, RunningLedger } from './ledger.js';
import { type FileBatch } from '@tributary/intake';

export interface ImportProgress {
  (rows: number, bytesRead: number, bytesTotal: number): void;
}

export interface FileImport {
  readonly client: Client;
  readonly channel: Channel;
  readonly path: string;
  readonly checkpoints: Checkpoints;
  readonly signal: AbortSignal;
  /** Which file within a zip. */
  readonly entry?: string;
  /** Take it again although it was taken to its end. */
  readonly again?: boolean;
  readonly onProgress?: ImportProgress;
}

export interface FileOutcome {
  readonly file: string;
  readonly ledger: Ledger;
  /** Rows that an earlier, interrupted import had taken. */
  readonly resumedFrom: number;
  /** When an earlier import took it to its end; nothing was sent now. */
  readonly takenBefore: string | null;
  readonly isComplete: boolean;
  readonly damage: string | null;
  readonly sent: number;
  readonly seconds: number;
}

/** Batches that are read and not acknowledged yet. */
const UNDER_WAY = 4;
const BATCH_ROWS = 5_000;
/** At most so often a checkpoint is written. */
const CHECKPOINT_MS = 500;

interface UnderWay {
  readonly batch: FileBatch;
  readonly done: Promise<Refusals>;
}

/**
 * Reads a file through its channel and hands it to the doors, a few batches at a time. The checkpoint follows the
 * acknowledgements in the order of the file: after a crash or Ctrl-C the same command goes on there, and what was sent
 * beyond it is known by its message ids.
 */
export const importFile = async ({
  client,
  channel,
  path,
  checkpoints,
  signal,
  entry,
  again = false,
  onProgress,
}: FileImport): Promise<FileOutcome> => {
  const began = Date.now();
  const file = basename(path);
  const before = again ? undefined : await checkpoints.read();
  if (before?.finishedAt != null)
    return {
      file,
      ledger: before.ledger,
      resumedFrom: 0,
      takenBefore: before.finishedAt,
      isComplete: true,
      damage: before.damage,
      sent: 0,
      seconds: 0,
    };

  const from = before?.resumeAt ?? 0;
  const running = new RunningLedger(before?.ledger ?? emptyLedger, from);
  const state = (finishedAt: string | null, damage: string | null): Checkpoint => {
    const at = running.checkpoint;
    return {
      channel: channel.name,
      ...at,
      ledger: finishedAt === null ? at.ledger : running.total,
      finishedAt,
      damage,
    };
  };
  const underWay: UnderWay[] = [];
  let writtenAt = Date.now();
  const settleFirst = async (): Promise<void> => {
    const { batch, done } = underWay[0] as UnderWay;
    running.add(batch, await done);
    underWay.shift();
    onProgress?.(running.total.rows, batch.bytesRead, batch.bytesTotal);
    if (Date.now() - writtenAt < CHECKPOINT_MS) return;
    writtenAt = Date.now();
    await checkpoints.write(state(null, null));
  };

  let damage: string | null = null;
  try {
    const options = { from, batchRows: BATCH_ROWS, ...(entry === undefined ? {} : { entry }) };
    for await (const batch of readChannelFile(channel, path, options)) {
      const done = deliverBatch(client, channel.name, { name: file, content: checkpoints.content }, batch);
      // Looked at in its turn; until then its failure is not unhandled.
      done.catch(() => {});
      underWay.push({ batch, done });
      if (underWay.length >= UNDER_WAY) await settleFirst();
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!(error instanceof SourceDamaged)) {
      await Promise.allSettled(underWay.map(({ done }) => done));
      throw error;
    }
    damage = error.message;
  }
  while (underWay.length > 0) await settleFirst();
  // A file that broke off may be whole next time, and is another file then; this one has been taken.
  const isComplete = !signal.aborted;
  await checkpoints.write(state(isComplete ? new Date().toISOString() : null, damage));
  const ledger = isComplete ? running.total : running.checkpoint.ledger;
  const sent = ledger.touchpoints - (before?.ledger.touchpoints ?? 0);
  return {
    file,
    ledger,
    resumedFrom: from,
    takenBefore: null,
    isComplete,
    damage,
    sent,
    seconds: (Date.now() - began) / 1000,
  };
};
