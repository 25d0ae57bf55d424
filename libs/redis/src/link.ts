import { Cluster, type ChainableCommander } from 'ioredis';
import { type EngineError } from '@tributary/kernel';
import { type RedisClient } from './connect.js';
import { gravest, toEngineError } from './redis-errors.js';

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
/** Pipelines of a cluster that one call has under way at once. */
const SIDE_BY_SIDE = 16;

/** Carries commands to one server or a cluster, in pipelines of bounded size. */
export class RedisLink {
  readonly #client: RedisClient;
  readonly prefix: string;

  constructor(client: RedisClient, prefix: string) {
    this.#client = client;
    this.prefix = prefix;
  }

  /** Every key is made here: what stands in braces decides about the slot. */
  key(shard: number, name: string): string {
    return `${this.prefix}{${shard}}${name}`;
  }

  /**
   * Answers in the order of the commands; those of one shard are carried out in it, too. If any failed, the call fails
   * when all have ended.
   */
  async run(commands: readonly ShardCommand[]): Promise<readonly unknown[]> {
    const answers: unknown[] = Array(commands.length);
    const errors: EngineError[] = [];
    const lanes = this.#lanes(commands);
    const work = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane; lane = lanes.shift())
        for (const run of inPipelines(lane, commands))
          if (!(await this.#pipeline(run, commands, answers, errors))) break;
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
  ): Promise<boolean> {
    const pipeline = this.#client.pipeline();
    for (const i of run) (commands[i] as ShardCommand).queue(pipeline);
    const before = errors.length;
    try {
      const results = await pipeline.exec();
      results?.forEach(([error, value], at) => {
        if (error) errors.push(toEngineError(error));
        else answers[run[at] as number] = value;
      });
    } catch (error) {
      errors.push(toEngineError(error));
    }
    if (errors.slice(before).some(({ failure }) => failure === 'unknown')) this.#giveUpSilent();
    return errors.length === before;
  }

  /** A connection that does not answer may be half open for hours; a new one is cheap, and late answers go with the old. */
  #giveUpSilent(): void {
    if (!(this.#client instanceof Cluster) && this.#client.status === 'ready') this.#client.disconnect(true);
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
