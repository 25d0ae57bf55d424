/** Resident memory of the whole platform when the load had had its effect, and the most that it ever was until then. */
export const rss = async (bench) => {
  const { memory } = await bench.loaded();
  if (memory === undefined) return bench.say('skipped rss: this system has no /proc');
  bench.report({ name: 'rss', value: memory.now_MB, unit: 'MB' });
  bench.report({ name: 'rss_peak', value: memory.peak_MB, unit: 'MB' });
};
