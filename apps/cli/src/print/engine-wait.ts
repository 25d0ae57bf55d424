import { type EngineWait, type PlatformOptions } from '../server/platform.js';
import { type Settings } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { hint } from './answer.js';
import { isShown } from './progress.js';

const engines: Readonly<Record<string, readonly [english: string, chinese: string]>> = {
  log: ['the log (Kafka)', '日志（Kafka）'],
  events: ['the event store (EventStoreDB)', '事件存储（EventStoreDB）'],
  profiles: ['the profiles (Redis)', '客户档案（Redis）'],
  keys: ['the keys (Redis)', '密钥（Redis）'],
  warehouse: ['the warehouse (ClickHouse)', '数据仓库（ClickHouse）'],
};

/** Lines about an engine that is waited for while the platform starts, as a person is told. */
export const engineWaitLine = ({ engine, at, reason }: EngineWait): string => {
  const [english, chinese] = engines[engine] ?? [engine, engine];
  return reason === null
    ? `${english} is there  ${chinese}已就绪`
    : `waiting up to half a minute for ${english} at ${at}: ${reason}  正在等待${chinese}…`;
};

/** On a terminal a person is told of it; elsewhere the log tells. */
export const toldOfWaits = (settings: Settings, surroundings: Surroundings): Pick<PlatformOptions, 'onWait'> =>
  isShown(settings, surroundings.stderr)
    ? { onWait: (wait) => hint(engineWaitLine(wait), settings, surroundings) }
    : {};
