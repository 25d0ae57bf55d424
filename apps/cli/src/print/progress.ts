import cliProgress from 'cli-progress';
import { type Settings } from '../settings.js';
import { type Surroundings, type Terminal } from '../surroundings.js';
import { duration, grouped } from './numbers.js';

/** Progress of long work, drawn in place; draws nothing unless it is a person's terminal. */
export interface Progress {
  /** `done` of `total` in any unit; `count` of what a person counts, for the rate. */
  update(done: number, total: number, count: number): void;
  stop(): void;
}

const nothing: Progress = { update: () => {}, stop: () => {} };

export const isShown = ({ json, quiet }: Settings, terminal: Terminal): boolean =>
  !json && !quiet && terminal.isTTY === true;

/** `what` names what is counted: `rows`, `touchpoints`. */
export const openProgress = (title: string, what: string, settings: Settings, { stderr }: Surroundings): Progress => {
  if (!isShown(settings, stderr)) return nothing;
  const began = Date.now();
  let from: { readonly done: number; readonly count: number } | undefined;
  const bar = new cliProgress.SingleBar({
    stream: stderr,
    hideCursor: true,
    clearOnComplete: true,
    format: (_options, { progress }, payload) =>
      line(
        title,
        what,
        progress,
        Number(payload['count'] ?? 0),
        Number(payload['rate'] ?? 0),
        Number(payload['left_ms'] ?? NaN),
      ),
  });
  bar.start(1, 0, { count: 0, rate: 0, left_ms: NaN });
  return {
    update: (done, total, count) => {
      // An import that goes on in the middle has its rate from there.
      from ??= { done, count };
      const passed_ms = Date.now() - began;
      const gone = done - from.done;
      bar.setTotal(Math.max(total, 1));
      bar.update(done, {
        count,
        rate: passed_ms > 0 ? ((count - from.count) * 1000) / passed_ms : 0,
        left_ms: gone > 0 ? ((total - done) / gone) * passed_ms : NaN,
      });
    },
    stop: () => bar.stop(),
  };
};

const BAR = 24;

const line = (title: string, what: string, progress: number, count: number, rate: number, left_ms: number): string => {
  const full = Math.round(Math.min(progress, 1) * BAR);
  const left = Number.isFinite(left_ms) ? `${duration(left_ms)} left` : '';
  return `${title}  ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(Math.floor(Math.min(progress, 1) * 100)).padStart(3)} %  ${grouped(count)} ${what}  ${grouped(rate)}/s  ${left}`;
};
