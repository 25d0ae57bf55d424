import { Cluster, type ChainableCommander } from 'ioredis';
import { type EngineError } from '@tributary/kernel';
import { type Patience, type RedisClient } from './connect.js';
import { gravest, type Reason, reasonOf, toEngineError } from './redis-errors.js';
import { type RedisPlace } from './redis-url.js';
import { queueWait, whyNotHeld } from './replicas.js';

/** One command whose keys all carry the tag of `shard`. */
export interface ShardCommand {
  readonly shard: number;
  /** What it sends, about. */
  readonly bytes: number;
  readonly queue: (pipeline: ChainableCommander) => unknown;
}

/** Bounds what lies in the client's and the server's buffers for one caller. */
const PIPELINE_BYTES = 1 << 20;
const PIPELINE_COMMANDS = 1_000;
/** Who waits holds up the others of its connection, of whom none shall be taken for lost. */
const WAIT_SHARE = 1 / 8;
/** Pipelines of a cluster that one call has under way at once. */
const SIDE_BY_SIDE = 16;

/** Carries commands to one server or a cluster, in pipelines of bounded size. */
export class RedisLink {
  readonly #client: RedisClient;
  readonly #replicas: number;
  readonly #replicasPatience_ms: number;
  readonly prefix: string;

  constructor(client: RedisClient, { prefix, replicas }: RedisPlace, { commandTimeout_ms }: Patience) {
    this.#client = client;
    this.prefix = prefix;
    this.#replicas = replicas;
    this.#replicasPatience_ms = Math.ceil(commandTimeout_ms * WAIT_SHARE);
  }

  /** Every key is made here: what stands in braces decides about the slot. */
  key(shard: number, name: string): string {
    return `${this.prefix}{${shard}}${name}`;
  }

  /**
   * Answers in the order of the commands; those of one shard are carried out in it, too. If any failed, the call fails
   * when all have ended.
   */
  run(commands: readonly ShardCommand[]): Promise<readonly unknown[]> {
    return this.#run(commands, 0);
  }

  /**
   * As `run`; when it resolves, as many replicas as the URL asks for hold what was written, and whatever else had been
   * written before to the shards that were asked. *Retriable* where they do not, though it was written.
   */
  keep(commands: readonly ShardCommand[]): Promise<readonly unknown[]> {
    return this.#run(commands, this.#replicas);
  }

  async #run(commands: readonly ShardCommand[], replicas: number): Promise<readonly unknown[]> {
    const answers: unknown[] = Array(commands.length);
    const errors: EngineError[] = [];
    const lanes = this.#lanes(commands);
    const work = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift())
        for (const run of inPipelines(lane, commands))
          if (!(await this.#pipeline(run, commands, answers, errors, replicas))) break;
    };
    await Promise.all(Array.from({ length: Math.min(SIDE_BY_SIDE, lanes.length) }, work));
    const error = gravest(errors);
    if (error) throw error;
    return answers;
  }

  /** The same question to every server that holds keys; for a single one the only answer. */
  async everyNode<T>(ask: (node: Exclude<RedisClient, Cluster>) => Promise<T>): Promise<readonly T[]> {
    const nodes = this.#client instanceof Cluster ? this.#client.nodes('all') : [this.#client];
    try {
      return await Promise.all(nodes.map(ask));
    } catch (error) {
      throw toEngineError(error);
    }
  }

  close(): void {
    this.#client.disconnect();
  }

  /** A pipeline of a cluster goes to one node: that of its shard. A single server takes all in one. */
  #lanes(commands: readonly ShardCommand[]): number[][] {
    if (!(this.#client instanceof Cluster)) return commands.length === 0 ? [] : [commands.map((_, i) => i)];
    const byShard = new Map<number, number[]>();
    commands.forEach(({ shard }, i) => {
      const lane = byShard.get(shard);
      if (lane) lane.push(i);
      else byShard.set(shard, [i]);
    });
    return [...byShard.values()];
  }

  async #pipeline(
    run: readonly number[],
    commands: readonly ShardCommand[],
    answers: unknown[],
    errors: EngineError[],
    replicas: number,
  ): Promise<boolean> {
    const pipeline = this.#client.pipeline();
    for (const i of run) (commands[i] as ShardCommand).queue(pipeline);
    if (replicas > 0) {
      const { shard } = commands[run[0] as number] as ShardCommand;
      queueWait(pipeline, this.key(shard, 'kept'), { replicas, patience_ms: this.#replicasPatience_ms });
    }
    const failures: unknown[] = [];
    try {
      const results = (await pipeline.exec()) ?? [];
      results.slice(0, run.length).forEach(([error, value], at) => {
        if (error) failures.push(error);
        else answers[run[at] as number] = value;
      });
      if (failures.length === 0 && replicas > 0) {
        const why = whyNotHeld(results.slice(run.length), replicas);
        if (why !== null) failures.push(why);
      }
    } catch (error) {
      failures.push(error);
    }
    this.#lookElsewhere(failures.map(reasonOf));
    errors.push(...failures.map(toEngineError));
    return failures.length === 0;
  }

  /** Where a failure says that this is not, or no longer, the server to talk to. */
  #lookElsewhere(reasons: readonly Reason[]): void {
    if (this.#client instanceof Cluster) {
      // The client follows a redirection by itself only if nothing else of the pipeline was carried out, WAIT included.
      if (reasons.some(({ message }) => /^(MOVED|ASK) /.test(message))) this.#client.refreshSlotsCache();
      return;
    }
    // A connection that does not answer may be half open for hours; a new one is cheap, and late answers go with the old.
    // Who became a replica takes no writes any more: the name of the primary leads somewhere else by now, or soon.
    const isOver = ({ failure, message }: Reason): boolean => failure === 'unknown' || message.startsWith('READONLY ');
    if (reasons.some(isOver) && this.#client.status === 'ready') this.#client.disconnect(true);
  }
}

const inPipelines = (lane: readonly number[], commands: readonly ShardCommand[]): number[][] => {
  const runs: number[][] = [];
  let run: number[] = [];
  let bytes = 0;
  for (const i of lane) {
    const own = (commands[i] as ShardCommand).bytes;
    if (run.length === PIPELINE_COMMANDS || (run.length > 0 && bytes + own > PIPELINE_BYTES)) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(i);
    bytes += own;
  }
  if (run.length > 0) runs.push(run);
  return runs;
};
