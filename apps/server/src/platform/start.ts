import { type Clock } from '@tributary/kernel';
import { type Logger, pino } from 'pino';
import { Opened } from '../engines/opened.js';
import { type EngineSettings, embeddedOnly } from '../engines/settings.js';
import { type PlatformOptions } from './platform-options.js';
import { RETENTION_MS } from './retention.js';
import { systemClock } from './system-clock.js';

/** What every step of a start is handed: what was asked for, with what holds unless told, and what all share. */
export interface Start extends PlatformOptions {
  readonly logLevel: NonNullable<PlatformOptions['logLevel']>;
  readonly retention_ms: number;
  /** As they were given: secrets that the folder holds are not in them. */
  readonly settings: EngineSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What a step has opened is closed with it, the last first. */
  readonly opened: Opened;
}

export const startOf = (options: PlatformOptions): Start => {
  const { quiet = false, logLevel = quiet ? 'warn' : 'info' } = options;
  const logger = pino({ level: logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    ...options,
    logLevel,
    retention_ms: options.retention_ms ?? RETENTION_MS,
    settings: options.engines ?? embeddedOnly,
    logger,
    clock: systemClock,
    opened: new Opened(logger),
  };
};
