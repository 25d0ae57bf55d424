import { customerNamedAfter, type KeyVault, type SubjectId, type SubjectKey } from '@tributary/kernel';
import { ANN, BEN, orderOf } from '../../controls/orders.js';
import { type StageContext } from '../../ports.js';
import { processor, projector } from '../../stages/controls/fresh.js';
import { ordered, taken } from '../../stages/controls/handed.js';
import { makeWorld, type World } from '../../stages/controls/world.js';
import { type Projector } from '../../stages/projector.js';

/** Ann is known, and was read. */
export const withAnn = async () => {
  const world = await makeWorld(1);
  const [takes, reads] = [processor(world), projector(world)];
  await taken(world, takes, orderOf(1, ANN));
  await reads.settle();
  return { world, takes, reads };
};

/** Ann is known, the backup is made, then Ben comes. `read`: and is read. Answers how the vault is set back, and brought back. */
export const withBackup = async (read: boolean) => {
  const { world, takes, reads } = await withAnn();
  const setBack = world.store.vault.backup();
  await taken(world, takes, orderOf(2, BEN));
  if (read) await reads.settle();
  const newest = world.store.vault.backup();
  return { world, takes, reads, setBack, newest };
};

export const eraseOf = (subject: SubjectId) =>
  ({ type: 'erase', id: `erase-${subject}`, customer: customerNamedAfter(subject) }) as const;

export const erased = async (world: World, by: Projector, subject: SubjectId): Promise<void> => {
  await world.order(eraseOf(subject));
  await ordered(world, by);
};

export const keysOf = (world: World, subject: SubjectId): Promise<readonly string[]> =>
  world.store.vault.idsOf([subject]);

/** Of a processor that had the keys in hand, and has not heard of anything since. */
export const lateContext = (world: World, keys: ReadonlyMap<string, SubjectKey>): StageContext => {
  const { ports, ...rest } = world.context();
  const vault = Object.assign(Object.create(ports.vault) as KeyVault, ports.vault, {
    keysFor: async () => keys,
    markedTo: async () => undefined,
  });
  return { ...rest, ports: { ...ports, vault } };
};
