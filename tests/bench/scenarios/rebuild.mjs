/** Every projection anew from the events, beside the live ones, then compared and switched: touchpoints of history a second. */
export const rebuild = async (bench) => {
  const { platform, touchpoints, rate } = await bench.loaded();
  bench.say('rebuild');
  const began = performance.now();
  const { equal, projections } = await platform.ask('/v1/ops/rebuild', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const seconds = (performance.now() - began) / 1_000;
  if (!equal)
    throw new Error(`rebuilt differs from live: ${projections.filter((p) => !p.equal).map(({ name }) => name)}`);
  const value = touchpoints / seconds;
  bench.report({ name: 'rebuild', value, unit: 'touchpoints/s', ratio: value / rate, ratio_to: 'end_to_end' });
};
