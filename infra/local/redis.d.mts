export interface LocalRedis {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface LocalRedisCluster {
  readonly url: string;
  readonly nodes: readonly LocalRedis[];
  close(): Promise<void>;
}

export interface LocalRedisSentinels extends LocalRedisCluster {
  readonly sentinels: readonly LocalRedis[];
}

export type RedisSettings = Readonly<Record<string, string | number>>;

export const documentSettings: RedisSettings;
export const vaultSettings: RedisSettings;
export const installRedis: () => { readonly server: string; readonly cli: string; readonly env: NodeJS.ProcessEnv };
export const startRedis: (options?: {
  readonly port?: number;
  readonly dir?: string;
  readonly settings?: RedisSettings;
}) => Promise<LocalRedis>;
export const startRedisSentinels: (options?: {
  readonly replicas?: number;
  readonly settings?: RedisSettings;
}) => Promise<LocalRedisSentinels>;
export const startRedisCluster: (options?: {
  readonly masters?: number;
  readonly replicas?: number;
  readonly settings?: RedisSettings;
}) => Promise<LocalRedisCluster>;
