import { describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { StageMetrics } from '../distributed/stage-metrics.js';
import { InFlight } from '../collector/in-flight.js';
import { Metrics } from './metrics.js';
import { scraped } from './scraped.js';

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

describe('what is asked of engines for a scrape', () => {
  it('is not known while an engine is silent: a scrape does not wait until its connection breaks', async () => {
    const ask = scraped<number>(never, 20);
    expect(await ask()).toBeNull();
  });

  it('is not known while an engine is away, and a bug of ours is one', async () => {
    expect(await scraped(() => Promise.reject(new EngineError('kafka', 'retriable', 'away')))()).toBeNull();
    await expect(scraped(() => Promise.reject(new TypeError('a bug')))()).rejects.toThrow('a bug');
  });

  it('is asked once as long as there is no answer, and anew after it', async () => {
    let asked = 0;
    let answer!: (n: number) => void;
    const ask = scraped(() => new Promise<number>((resolve) => ((asked += 1), (answer = resolve))), 20);
    expect([await ask(), await ask(), asked]).toEqual([null, null, 1]);
    const late = ask();
    answer(7);
    expect([await late, asked]).toEqual([7, 1]);
    const next = ask();
    answer(8);
    expect([await next, asked]).toEqual([8, 2]);
  });

  it('keeps nothing else from being told, of an api as of a stage', async () => {
    const readiness = () => ({ ready: false, checks: { events: 'no answer within 5 s' } });
    const api = new Metrics(never, new InFlight(1), () => 0, readiness).registry;
    const stage = new StageMetrics('loader');
    stage.lags(never);
    const [ofApi, ofStage] = await Promise.all([api.metrics(), stage.registry.metrics()]);
    expect(ofApi).toContain('tributary_ready{check="events"} 0');
    expect(ofApi).not.toContain('tributary_lag_records{');
    expect(ofStage).toContain('tributary_stage_retries_total{stage="loader"} 0');
    expect(ofStage).not.toContain('tributary_lag_records{');
  }, 9_000);
});
