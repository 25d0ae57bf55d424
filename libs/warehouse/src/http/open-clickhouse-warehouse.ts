import { type Warehouse } from '@tributary/kernel';
import { type ClickHouseOptions } from './clickhouse-warehouse.js';

/**
 * A ClickHouse server over HTTP: the same tables and rows as chDB. The client is loaded only now: threads that neither load
 * nor ask, and whoever works embedded, do without it.
 */
export const openClickHouseWarehouse = async (options: ClickHouseOptions): Promise<Warehouse> =>
  (await import('./clickhouse-warehouse.js')).openClickHouseWarehouse(options);
