export interface LocalKafkaCluster {
  /** `host:port` of each broker. */
  readonly hosts: readonly string[];
  /** File of the certificate by which clients know the brokers. */
  readonly ca: string;
  stop(id: number): Promise<void>;
  kill(id: number): Promise<void>;
  start(id: number): Promise<void>;
  close(): Promise<void>;
}

export interface LocalKafkaClusterOptions {
  readonly dir: string;
  /** By user (SCRAM-SHA-512); `admin` may do anything. */
  readonly passwords: Readonly<Record<string, string>>;
  readonly brokers?: number;
  readonly heap_mb?: number;
}

export const startKafkaCluster: (options: LocalKafkaClusterOptions) => Promise<LocalKafkaCluster>;
