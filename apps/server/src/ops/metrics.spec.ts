import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { InFlight } from '../collector/in-flight.js';
import { Metrics } from './metrics.js';
import { type PlatformStats } from './platform-stats.js';

const standing = (events: number): PlatformStats => ({
  channels: [{ channel: 'web_shop', accepted: events, duplicates: 0, quarantined: 0, held: 3, last: null }],
  stages: { relationship: { growth: events }, buyer: {}, tier: {} },
  customers: 1,
  touchpoints: events,
  events,
  lag: { pipeline: events },
  startedAt: '2026-01-01T00:00:00Z',
});

const metricsOf = (stats: () => PlatformStats | Promise<PlatformStats>) =>
  new Metrics(stats, new InFlight(1), () => 0).registry;

const told = (exposition: string): readonly string[] =>
  exposition
    .split('\n')
    .filter((line) => /^tributary_(customers|lag_records|channel_touchpoints|quarantine_held|events)\b/.test(line));

const lines = (n: number) => [
  `tributary_customers{track="relationship",stage="growth"} ${n}`,
  `tributary_lag_records{consumer="pipeline"} ${n}`,
  `tributary_channel_touchpoints{channel="web_shop",outcome="accepted"} ${n}`,
  'tributary_channel_touchpoints{channel="web_shop",outcome="duplicates"} 0',
  'tributary_channel_touchpoints{channel="web_shop",outcome="quarantined"} 0',
  'tributary_quarantine_held{channel="web_shop"} 3',
  `tributary_events ${n}`,
];

describe('a scrape', () => {
  it('tells the numbers of its own moment, and asks once for all of them', async () => {
    let asked = 0;
    const registry = metricsOf(async () => standing((asked += 1)));
    expect(told(await registry.metrics())).toEqual(lines(1));
    expect(told(await registry.metrics())).toEqual(lines(2));
    expect(asked).toBe(2);
  });

  it('leaves out what an engine that is away hides, and tells the rest', async () => {
    let isAway = false;
    const registry = metricsOf(() => {
      if (isAway) throw new EngineError('redis', 'retriable', 'away');
      return standing(7);
    });
    await registry.metrics();
    isAway = true;
    const exposition = await registry.metrics();
    expect(told(exposition)).toEqual([]);
    expect(exposition).toContain('tributary_door_busy_refusals_total 0');
    isAway = false;
    expect(told(await registry.metrics())).toEqual(lines(7));
  });

  it('tells which part does not do its work, and never why: words are for people', async () => {
    let trouble = 'ok';
    const checks = () => ({ ready: trouble === 'ok', checks: { pipeline: trouble, warehouse: 'ok' } });
    const { registry } = new Metrics(null, new InFlight(1), () => 0, checks);
    expect(await registry.metrics()).toContain('tributary_ready{check="pipeline"} 1');
    trouble = 'a disk of ours is full';
    const exposition = await registry.metrics();
    expect(exposition).toContain('tributary_ready{check="pipeline"} 0');
    expect(exposition).toContain('tributary_ready{check="warehouse"} 1');
    expect(exposition).not.toContain('disk of ours');
    const away = (): never => {
      throw new EngineError('redis', 'retriable', 'away');
    };
    const hidden = await new Metrics(null, new InFlight(1), () => 0, away).registry.metrics();
    expect(hidden).toContain('tributary_door_busy_refusals_total 0');
    expect(hidden).not.toContain('tributary_ready{');
  });

  it('counts what the doors refused, as a counter does', async () => {
    const inFlight = new InFlight(1);
    inFlight.take(1, 'a');
    const { registry } = new Metrics(null, inFlight, () => 0);
    for (const refused of [1, 2]) {
      expect(() => inFlight.take(1, 'b')).toThrow('holds as much as it may');
      const exposition = await registry.metrics();
      expect(exposition).toContain('# TYPE tributary_door_busy_refusals counter');
      expect(exposition).toContain(`tributary_door_busy_refusals_total ${refused}\n`);
    }
  });

  it('fails where we have a bug', async () => {
    const registry = metricsOf(async () => {
      throw new TypeError('a bug');
    });
    await expect(registry.metrics()).rejects.toThrow('a bug');
  });
});
