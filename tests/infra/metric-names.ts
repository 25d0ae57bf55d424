import { InFlight } from '../../apps/server/src/collector/in-flight.js';
import { StageMetrics } from '../../apps/server/src/distributed/stage-metrics.js';
import { diskGauges } from '../../apps/server/src/ops/disk-gauges.js';
import { Metrics } from '../../apps/server/src/ops/metrics.js';
import { type PlatformStats } from '../../apps/server/src/ops/platform-stats.js';

const stats: PlatformStats = {
  channels: [{ channel: 'web_shop', accepted: 1, duplicates: 0, quarantined: 0, held: 0, last: null }],
  stages: { relationship: {}, buyer: {}, tier: {} },
  customers: 0,
  touchpoints: 0,
  events: 0,
  lag: { pipeline: 0 },
  startedAt: '2026-01-01T00:00:00Z',
};

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

const namesIn = (exposition: string): readonly string[] =>
  [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type = '']) =>
    (suffixes[type] ?? ['']).map((suffix) => (name.endsWith(suffix) ? name : `${name}${suffix}`)),
  );

/** The names of all series that the roles expose, as they are scraped; `up` is Prometheus' own. */
export const metricNames = async (): Promise<ReadonlySet<string>> => {
  const doors = new Metrics(
    () => stats,
    new InFlight(1),
    () => 0,
    () => ({ ready: true, checks: { pipeline: 'ok' } }),
  ).registry;
  diskGauges(doors, '.');
  const registries = [doors, new StageMetrics('processor').registry];
  const expositions = await Promise.all(registries.map((registry) => registry.metrics()));
  return new Set(['up', ...expositions.flatMap(namesIn)]);
};

const words = new Set(['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'bool', 'offset']);

/** The series that a PromQL expression asks for. */
export const metricsAsked = (expression: string): readonly string[] => {
  const bare = expression
    .replace(/"[^"]*"|'[^']*'/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\boffset \d+[a-z]/g, '')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name).filter((name) => !words.has(name));
};
