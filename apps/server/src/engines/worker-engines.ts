import { pino } from 'pino';
import { type OnWait } from './engine-wait.js';
import { Engines } from './engines.js';
import { Opened } from './opened.js';
import { type EngineSettings } from './settings.js';

/** Engines as a worker thread opens them for itself: connections are not shared between threads. */
export const workerEngines = (
  start: { readonly engines: EngineSettings; readonly logLevel: string },
  tell?: OnWait,
): Engines => {
  const logger = pino({ level: start.logLevel, base: null }, pino.destination({ dest: 2, sync: true }));
  return new Engines(start.engines, new Opened(logger), logger, 'tributary', undefined, undefined, tell);
};
