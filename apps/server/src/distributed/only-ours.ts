import { EngineError, type Warehouse } from '@tributary/kernel';

/** Changes nothing unless it is ours to do so: whoever has followed us asks the tables how far they have come, and goes on. */
export const onlyOurs = (warehouse: Warehouse, isOurs: () => boolean): Warehouse => {
  const requireTurn = (): void => {
    if (!isOurs()) throw new EngineError('warehouse', 'retriable', 'another loader has its turn, or may have');
  };
  return {
    ...warehouse,
    command: async (sql, options) => {
      requireTurn();
      await warehouse.command(sql, options);
    },
    insert: async (batch) => {
      requireTurn();
      await warehouse.insert(batch);
    },
  };
};
