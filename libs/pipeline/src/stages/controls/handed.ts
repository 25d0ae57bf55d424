import { type AnyTouchpoint } from '@tributary/domain';
import { COMMAND_TOPIC, touchpointTopic } from '../../ports.js';
import { type Processor } from '../processor.js';
import { type Projector } from '../projector.js';
import { type World } from './world.js';

/** Where orders of the shop come in, of a world of one partition. */
export const AT = { topic: touchpointTopic('shop'), partition: 0 };
const COMMANDS = { topic: COMMAND_TOPIC, partition: 0 };

/** Touchpoints of the shop, which come in and are handed over at once, as the log would. */
export const taken = async (
  { accept, store }: World,
  by: Pick<Processor, 'onBatch'>,
  ...touchpoints: readonly AnyTouchpoint[]
): Promise<void> => {
  await accept(touchpoints);
  const end = (await store.log.partitions(AT.topic))[AT.partition]?.end ?? 0;
  const records = await store.log.read(AT, end - touchpoints.length, touchpoints.length);
  await by.onBatch({ ...AT, records, end });
};

/** All commands so far are handed over, as if none had been. */
export const ordered = async ({ store }: World, by: Pick<Projector, 'onCommands'>): Promise<void> => {
  const records = await store.log.read(COMMANDS, 0, 1_000);
  await by.onCommands({ ...COMMANDS, records, end: records.length });
};
