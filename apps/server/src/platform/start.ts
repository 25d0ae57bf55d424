import { type Clock } from '@tributary/kernel';
import { type Logger, pino } from 'pino';
import { Opened } from '../engines/opened.js';
import { type EngineSettings, embeddedOnly } from '../engines/settings.js';
import { type PlatformOptions } from './platform-options.js';
import { LEAST_MEMORY_MB, memoryHere, type MemoryPlan, memoryPlan } from './memory-plan.js';
import { RETENTION_MS } from './retention.js';
import { systemClock } from './system-clock.js';

/** What every step of a start is handed: what was asked for, with what holds unless told, and what all share. */
export interface Start extends PlatformOptions {
  readonly logLevel: NonNullable<PlatformOptions['logLevel']>;
  readonly retention_ms: number;
  /** As they were given: secrets that the folder holds are not in them. */
  readonly settings: EngineSettings;
  readonly plan: MemoryPlan;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What a step has opened is closed with it, the last first. */
  readonly opened: Opened;
}

export const startOf = (options: PlatformOptions): Start => {
  const { quiet = false, logLevel = quiet ? 'warn' : 'info' } = options;
  const logger = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  const memory_bytes = options.memory_bytes ?? memoryHere();
  if (memory_bytes < LEAST_MEMORY_MB * 2 ** 20)
    logger.warn(
      { memory_MB: Math.floor(memory_bytes / 2 ** 20), wanted_MB: LEAST_MEMORY_MB },
      'there is little memory: under a backlog the system may end this process, which then goes on where it was',
    );
  return {
    ...options,
    plan: memoryPlan(memory_bytes),
    logLevel,
    retention_ms: options.retention_ms ?? RETENTION_MS,
    settings: options.engines ?? embeddedOnly,
    logger,
    clock: systemClock,
    opened: new Opened(logger),
  };
};
