export interface LocalKafka {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly pid: number;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
}

export interface LocalKafkaOptions {
  readonly dir: string;
  readonly port?: number;
  /** Where clients are sent: somebody may stand between them and the broker. */
  readonly advertisedPort?: number;
  readonly heap_mb?: number;
  /** It is to be measured: its JVM compiles what runs often as well as it can. */
  readonly forLoad?: boolean;
  /** Whoever wants in must say so (SASL PLAIN). */
  readonly sasl?: { readonly username: string; readonly password: string };
}

/** The folder of the broker's libraries, fetched once. */
export const installKafka: (cache?: string) => string;
export const startKafka: (options: LocalKafkaOptions) => Promise<LocalKafka>;
