import { memoryStore } from '@tributary/kernel/memory';
import { channels } from '../../controls/town.js';
import { type StageContext } from '../../ports.js';
import { verify } from '../../verify.js';
import { Processor } from '../processor.js';
import { Projector } from '../projector.js';
import { type World } from './world.js';

/** One that begins, and knows nothing of those before it. */
export const projector = (world: World, context: StageContext = world.context()): Projector =>
  new Projector(context, world.feed(), { channels, poll_ms: 1 });

/** The same. */
export const processor = (world: World, context: StageContext = world.context()): Processor =>
  new Processor(context, { channels });

/** All that was made, held against its rebuild while that projector stands still. */
export const compared = async (world: World, by: Pick<Projector, 'still'>, work: typeof verify = verify) =>
  work(world.context(), { documents: memoryStore().documents, close: async () => undefined }, (held) => by.still(held));
