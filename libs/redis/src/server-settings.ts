import { EngineError } from '@tributary/kernel';
import { type Redis } from 'ioredis';
import { type RedisLink } from './link.js';
import { ENGINE, type RedisPlace } from './redis-url.js';

const refuse = (message: string): never => {
  throw new EngineError(ENGINE, 'fatal', message);
};

/** What is in it: what is made anew of the events, or what nothing brings back. */
export type Kept = 'profiles' | 'keys';

const lossOf = (evicted: number, kept: Kept): string =>
  `It has forgotten ${evicted} entries since it was started: ` +
  (kept === 'profiles'
    ? 'empty it, and all is made anew of the events'
    : 'restore its backup, or who had them reads as erased');

/** A Redis that makes room by forgetting documents, marks or keys is a leak: every eviction would go unnoticed. */
export const refuseEviction = async (link: RedisLink, kept: Kept): Promise<void> => {
  const nodes = await link.everyNode(async (node) => ({
    // INFO is allowed where CONFIG is not.
    policy: /^maxmemory_policy:(\S+)/m.exec(await node.info('memory'))?.[1],
    evicted: Number(/^evicted_keys:(\d+)/m.exec(await node.info('stats'))?.[1] ?? 0),
  }));
  const other = nodes.find(({ policy }) => policy !== undefined && policy !== 'noeviction');
  if (!other) return;
  const evicted = nodes.reduce((sum, node) => sum + node.evicted, 0);
  refuse(
    `its maxmemory-policy is ${other.policy}, which forgets what must be kept; set: CONFIG SET maxmemory-policy noeviction ` +
      `(and CONFIG REWRITE, so that it holds after a restart)${evicted > 0 ? `. ${lossOf(evicted, kept)}` : ''}`,
  );
};

/** `save` must be empty: a snapshot would keep destroyed keys until the next one. */
const wanted: Readonly<Record<string, string>> = { appendonly: 'yes', appendfsync: 'always', save: '' };

/** Keys are durable when they are answered, and gone from the disk when they are destroyed; or the operator says so. */
export const requireDurability = async (link: RedisLink, asserted: boolean): Promise<void> => {
  if (asserted) return;
  const settings = await link.everyNode(settingsOf);
  for (const own of settings)
    for (const [name, value] of Object.entries(wanted)) {
      const is = own.get(name);
      if (is === undefined)
        refuse(
          'it does not tell its settings (CONFIG GET). A vault needs appendonly yes, appendfsync always and save "": ' +
            'make sure of it and add ?durability=asserted to its URL',
        );
      if (is !== value)
        refuse(
          `a vault must not lose keys nor keep destroyed ones: its ${name} is "${is}"; set: CONFIG SET ${name} ` +
            `${value || '""'} (and CONFIG REWRITE, so that it holds after a restart)`,
        );
    }
};

/**
 * Where a replica takes over by itself, it takes over without the keys that it had not heard of: what was sealed with them would
 * never be read again, as if its people had been erased. Unless somebody waits for replicas, or the operator says so.
 */
export const requireReplicas = async (
  link: RedisLink,
  { cluster, sentinel, replicas, durabilityAsserted }: RedisPlace,
): Promise<void> => {
  if (durabilityAsserted || replicas > 0 || !(cluster || sentinel)) return;
  const counts = await link.everyNode(async (node) =>
    Number(/^connected_slaves:(\d+)/m.exec(await node.info('replication'))?.[1] ?? 0),
  );
  if (counts.some((count) => count > 0))
    refuse(
      'a replica that takes over may not have the newest keys, and a lost key is lost history: add ?replicas=1 to its URL, ' +
        'so that a key is used only when a replica holds it',
    );
};

/** What a server answers to a command that its operator keeps to himself. */
export const forbidden = /^(NOPERM|ERR unknown command)/;

const settingsOf = async (node: Redis): Promise<ReadonlyMap<string, string>> => {
  const settings = new Map<string, string>();
  try {
    for (const name of Object.keys(wanted)) {
      // Before version 7 it answers for one name or pattern at a time.
      const answer = (await node.config('GET', name)) as readonly string[];
      if (answer[0] === name) settings.set(name, answer[1] ?? '');
    }
  } catch (error) {
    if (!(error instanceof Error && forbidden.test(error.message))) throw error;
  }
  return settings;
};
