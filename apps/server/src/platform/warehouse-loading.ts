import { EngineError, mayPass, messageOf } from '@tributary/kernel';
import { FEED_TOPIC, PIPELINE_GROUP, readCensus, touchpointTopic, waitingFor } from '@tributary/pipeline';
import { dropShadows, type Loader, runLoader } from '@tributary/warehouse';
import { type ProjectionVerification } from '../ops/operations.js';
import { bringIntoLine } from './bring-into-line.js';
import { reachingRows } from './documents-reach.js';
import { LoadedOffsets } from './loaded-offsets.js';
import { type LoadingDeps } from './loading-deps.js';
import { loadAgain } from './warehouse-again.js';
import { WarehouseErasing } from './warehouse-erasing.js';
import { waitingForWarehouse } from './warehouse-lag.js';
import { type WarehouseLag } from './warehouse-messages.js';

const POLL_MS = 500;
/** So many touchpoints are seconds of work for the pipeline. */
const MANY = 10_000;

/** The warehouse's way in: facts from the intake, customers from the feed, and erasures after both. */
export class WarehouseLoading {
  readonly #deps: LoadingDeps;
  readonly #erasing: WarehouseErasing;
  readonly #offsets: LoadedOffsets | null;
  #loader: Loader | null = null;
  #scan: NodeJS.Timeout | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #attending = false;
  #cleared = false;
  readonly #stopping = new AbortController();

  constructor(deps: LoadingDeps) {
    this.#deps = deps;
    this.#erasing = new WarehouseErasing(deps);
    this.#offsets = deps.sink ? new LoadedOffsets(deps, deps.sink) : null;
  }

  async start(): Promise<void> {
    await bringIntoLine(this.#deps);
    await this.#erasing.open();
    this.#load();
    const attend = (): void => {
      if (this.#attending) return;
      this.#attending = true;
      void this.#inTurn(() => this.#attend())
        .catch((error: unknown) => this.#failed(error))
        .finally(() => (this.#attending = false));
    };
    // At once: an erasure that a crash cut short has taken rows of others along.
    attend();
    this.#scan = setInterval(attend, POLL_MS);
  }

  #load(): void {
    const { store, catalogue, warehouse, onRetry } = this.#deps;
    const told = (error: EngineError): void => onRetry(error.message);
    const loader = runLoader({
      facts: {
        log: store.log,
        events: store.events,
        catalogue,
        warehouse,
        onRetry: told,
        onLoaded: ({ offsets, missing }) => {
          this.#offsets?.note(offsets);
          if (missing > 0) this.#deps.onMissing?.(missing);
        },
      },
      customers: {
        log: store.log,
        warehouse,
        customerRows: reachingRows(this.#deps),
        // Where others keep the offsets, to ask for them every second costs more than the rows that it spares.
        ...(this.#offsets && { moreComes: () => this.#moreComes() }),
        onRetry: told,
      },
    });
    loader.done.catch((error: unknown) => this.#deps.onTrouble(messageOf(error)));
    this.#loader = loader;
  }

  /** Whether many touchpoints wait to be taken: each of them may change a customer. Only a hint, so it fails to none. */
  async #moreComes(): Promise<boolean> {
    const { documents, log } = this.#deps.store;
    try {
      const topics = Object.keys((await readCensus(documents)).channels).map(touchpointTopic);
      return (await waitingFor(log, PIPELINE_GROUP, topics)) > MANY;
    } catch {
      return false;
    }
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #failed(error: unknown): void {
    if (mayPass(error)) this.#deps.onRetry(error.message);
    else this.#deps.onTrouble(messageOf(error));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async lag(): Promise<WarehouseLag> {
    const { store, warehouse } = this.#deps;
    const waiting = await waitingForWarehouse(store, warehouse);
    const [feed] = await store.log.partitions(FEED_TOPIC);
    return { ...waiting, erasures: Math.max(0, (feed?.end ?? 0) - (await this.#erasing.scanned())) };
  }

  /** What is due beside loading: erasures, and offsets that hold back the log's retention. */
  async #attend(): Promise<void> {
    await this.#offsets?.keep();
    if (!this.#cleared) await dropShadows(this.#deps.warehouse);
    this.#cleared = true;
    await this.#erasing.carryOut(
      async (work) => {
        const resume = await this.#settle();
        try {
          await work();
        } finally {
          resume();
        }
      },
      () => this.#isStopped,
    );
  }

  async #settle(): Promise<() => void> {
    await this.#loader?.stop();
    return () => {
      if (!this.#isStopped) this.#load();
    };
  }

  /** Builds every table anew beside the live one, compares, and changes over only if told to. */
  again(changeOver: boolean): Promise<readonly ProjectionVerification[]> {
    const settle = (): Promise<() => void> => this.#settle();
    const deps = { ...this.#deps, erasing: this.#erasing, settle, signal: this.#stopping.signal };
    return this.#inTurn(() => loadAgain(deps, changeOver));
  }

  /** Runs `work` while nothing is loaded, erased or merged. */
  still(work: () => void): Promise<void> {
    const { warehouse } = this.#deps;
    return this.#inTurn(async () => {
      const resume = await this.#settle();
      try {
        await warehouse.command('SYSTEM STOP MERGES');
        work();
      } finally {
        await warehouse.command('SYSTEM START MERGES').catch((error: unknown) => this.#failed(error));
        resume();
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new EngineError('warehouse', 'retriable', 'the platform stops'));
    if (this.#scan) clearInterval(this.#scan);
    await this.#turn;
    await this.#loader?.stop();
    await this.#offsets?.keep().catch((error: unknown) => this.#failed(error));
  }
}
