import { setTimeout as sleep } from 'node:timers/promises';
import { type ChdbConnection } from 'chdb/connection';
import { quoted } from '../schema/ddl.js';
import { DATABASE } from './engine-config.js';
import { HeldPlaces } from './held-places.js';
import { Lane } from './lane.js';
import { type HeldQuestion, type OpenRequest, type Question } from './protocol.js';
import { settingsText } from './statement-text.js';
import { StreamThreads } from './stream-threads.js';

export interface Telling {
  /** Once of each question that does not end. */
  onHeld(id: number): void;
  /** Of all of them, and of how many can be answered beside them. */
  onChange(held: readonly HeldQuestion[], placesLeft: number): void;
}

/** Lends a connection that has said the prelude. */
type Connected = <T>(prelude: readonly string[], use: (connection: ChdbConnection) => Promise<T>) => Promise<T>;

const LOOK_MS = 200;

/** A question of an analyst among all that runs. */
const nameOf = (id: number): string => `question ${id}`;

/** Answers the questions of analysts, some at once, the others in their turn. */
export const answerAnalysts = (
  { path, analysts, heldAfter_ms }: OpenRequest,
  connected: Connected,
  { onHeld, onChange }: Telling,
) => {
  const lane = new Lane(analysts);
  const streams = new StreamThreads(path);
  const places = new HeldPlaces({
    places: analysts,
    heldAfter_ms,
    onHeld,
    onChange: (held, placesLeft) => {
      onChange(held, placesLeft);
      const full = places.full();
      if (full) lane.turnAway(full);
    },
  });

  /** An analyst's connection: without the role that owns everything, and unable to change its own limits. */
  const ask = (
    id: number,
    { sql, format, settings, params, streamable, origin }: Question,
    wanted: () => boolean,
    send: (bytes: Uint8Array<ArrayBuffer>, rows?: number) => Promise<boolean>,
  ) => {
    const refused = (): Error | undefined => (origin ? places.refusal(origin.asker) : places.full());
    const early = refused();
    if (early) return Promise.reject(early);
    return lane.run(async (leave) => {
      // Who asked may have left while it waited its turn, or another question of his may have turned out not to end.
      if (!wanted()) return;
      const late = refused();
      if (late) throw late;
      const limit_s = Number(settings['max_execution_time'] ?? Infinity);
      const watch = places.watch(id, origin ?? { queryId: nameOf(id), asker: undefined }, limit_s * 1000, leave);
      const prelude = [
        `USE ${DATABASE}`,
        'SET ROLE NONE',
        'SET implicit_select = 0',
        ...settingsText({ ...settings, log_comment: nameOf(id) }, params),
        'SET readonly = 1',
      ];
      try {
        if (streamable) {
          for await (const part of watch.over(streams.parts({ prelude, sql, format }))) if (!(await send(part))) return;
        } else
          await connected(prelude, async ({ chdb }) => {
            const whole = await watch.during(chdb.queryAsync(sql, { format }));
            await send(new Uint8Array(whole.bytes()), whole.rowsRead);
          });
      } finally {
        watch.done();
      }
    });
  };

  /** Ends the question; without effect on one that has not begun, or is over. */
  const kill = (id: number): Promise<unknown> => {
    places.ending(id);
    return connected([`USE ${DATABASE}`], ({ chdb }) =>
      chdb.queryAsync(`KILL QUERY WHERE Settings['log_comment'] = ${quoted(nameOf(id))} ASYNC`),
    );
  };

  /** Resolves when nothing is asked but what does not end; answers how many that are. */
  const settled = async (): Promise<number> => {
    for (let isIdle = false; !isIdle;) {
      const unending = await places.settled();
      if (unending > 0) return unending;
      isIdle = await Promise.race([lane.drained().then(() => true), sleep(LOOK_MS, false)]);
    }
    return 0;
  };

  /** After the engine has closed. */
  const close = (): Promise<void> => streams.close();

  return { ask, kill, settled, close };
};
