import { runProcess } from '../process/child.mjs';
import { cli } from '../process/tributary.mjs';

/** Every projection anew from the events, beside the live ones, then compared and switched: touchpoints of history a second. */
export const rebuild = async (bench) => {
  const { platform, touchpoints, rate } = await bench.loaded();
  bench.say('rebuild');
  const began = performance.now();
  // By the command, which waits for as long as it takes.
  const { equal, projections } = JSON.parse(
    await runProcess([cli, 'rebuild', '--json', '--quiet', '--data', platform.dataDir]),
  );
  const seconds = (performance.now() - began) / 1_000;
  if (!equal)
    throw new Error(`rebuilt differs from live: ${projections.filter((p) => !p.equal).map(({ name }) => name)}`);
  const value = touchpoints / seconds;
  bench.report({ name: 'rebuild', value, unit: 'touchpoints/s', ratio: value / rate, ratio_to: 'end_to_end' });
};
