import { type EngineSettings } from '@tributary/server';
import { RunningPlatform } from '../running-platform.js';
import { type Town } from './town.js';

/** `tributary up`, on these engines. */
export class UpTown implements Town {
  private constructor(
    readonly running: RunningPlatform,
    readonly engines: EngineSettings,
  ) {}

  static async begin(engines: EngineSettings): Promise<UpTown> {
    return new UpTown(await RunningPlatform.begin({ engines, logLevel: 'warn' }), engines);
  }

  take(channel: string, touchpoints: readonly object[]): Promise<void> {
    return this.running.take(channel, touchpoints);
  }

  ask<T>(path: string): Promise<{ readonly status: number; readonly body: T }> {
    return this.running.ask<T>(path);
  }

  sql<Row>(query: string): Promise<readonly Row[]> {
    const { warehouseUrl } = this.engines;
    return warehouseUrl === undefined ? this.running.sql<Row>(query) : sqlAt<Row>(warehouseUrl, query);
  }

  end(): Promise<void> {
    return this.running.end();
  }
}

export const sqlAt = async <Row>(url: string, query: string): Promise<readonly Row[]> => {
  const response = await fetch(`${url}/?database=tributary`, { method: 'POST', body: `${query} FORMAT JSONEachRow` });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`ClickHouse answered ${response.status}: ${text}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
};
