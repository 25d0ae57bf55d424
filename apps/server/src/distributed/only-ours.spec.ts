import { expect, test } from '@jest/globals';
import { type Warehouse } from '@tributary/kernel';
import { onlyOurs } from './only-ours.js';

test('nothing is written in a turn that is over', async () => {
  const written: string[] = [];
  let ours = true;
  const warehouse = onlyOurs(
    {
      insert: async ({ table }: { readonly table: string }) => void written.push(table),
      command: async (sql: string) => void written.push(sql),
    } as unknown as Warehouse,
    () => ours,
  );
  await warehouse.insert({ table: 'raw_touchpoints', columns: [], rows: [] });
  await warehouse.command('DELETE');
  ours = false;
  const failure = 'retriable';
  await expect(warehouse.insert({ table: 'raw_touchpoints', columns: [], rows: [] })).rejects.toMatchObject({
    failure,
  });
  await expect(warehouse.command('DELETE')).rejects.toMatchObject({ failure });
  expect(written).toEqual(['raw_touchpoints', 'DELETE']);
});
