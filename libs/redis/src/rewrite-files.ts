import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';
import { type Redis } from 'ioredis';
import { type RedisLink } from './link.js';
import { ENGINE } from './redis-url.js';
import { forbidden } from './server-settings.js';

const LOOK_MS = 50;

/**
 * Has every server write its file anew, without what was deleted, and waits for it. A rewrite that was already under way
 * may have begun before the deletion: then another follows it. Where the command is forbidden the operator vouches for that, too.
 */
export const rewriteFiles = async (link: RedisLink, patience_ms: number, asserted: boolean): Promise<void> => {
  const until = Date.now() + patience_ms;
  await link.everyNode(async (node) => {
    for (let answer = await ask(node); answer !== 'begun'; answer = await ask(node)) {
      if (answer === 'forbidden') {
        if (asserted) return;
        throw new EngineError(
          ENGINE,
          'fatal',
          'this user may not call BGREWRITEAOF, without which deleted keys stay in its file',
        );
      }
      await pause(until);
    }
    while (await underWay(node)) await pause(until);
    if (!/^aof_last_bgrewrite_status:ok/m.test(await node.info('persistence')))
      throw new EngineError(ENGINE, 'retriable', 'its file could not be written anew; see its log, then destroy again');
  });
};

const pause = async (until: number): Promise<void> => {
  if (Date.now() > until)
    throw new EngineError(
      ENGINE,
      'retriable',
      'the keys are deleted, but its file is not yet written anew and may still hold them, sealed; destroy again',
    );
  await sleep(LOOK_MS);
};

const ask = async (node: Redis): Promise<'begun' | 'busy' | 'forbidden'> => {
  try {
    await node.bgrewriteaof();
    return 'begun';
  } catch (error) {
    if (error instanceof Error && /already in progress/.test(error.message)) return 'busy';
    if (error instanceof Error && forbidden.test(error.message)) return 'forbidden';
    throw error;
  }
};

const underWay = async (node: Redis): Promise<boolean> =>
  /^aof_rewrite_(in_progress|scheduled):1/m.test(await node.info('persistence'));
