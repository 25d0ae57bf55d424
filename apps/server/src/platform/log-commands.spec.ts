import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadIdentityRules, loadLifecycleRules, openCatalogue } from '@tributary/contracts';
import { CustomerId, manualClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { COMMAND_TOPIC, Pipeline } from '@tributary/pipeline';
import { type CustomerCommands } from '../profiles/customer-commands.js';
import { logCommands } from './log-commands.js';

const [ann, bea] = [CustomerId(`c_${'a'.repeat(32)}`), CustomerId(`c_${'b'.repeat(32)}`)];
const order = (commandId: string, reason = 'asked for', by = 'admin') => ({ commandId, by, reason });

describe('an idempotency key', () => {
  let commands: CustomerCommands;
  let pipeline: Pipeline;
  beforeEach(async () => {
    const store = memoryStore();
    const clock = manualClock(Date.UTC(2026, 0, 1));
    await store.log.ensureTopics([{ name: COMMAND_TOPIC, partitions: 1 }]);
    const identityRules = loadIdentityRules({ lookupKey: new Uint8Array(32).fill(5) });
    pipeline = new Pipeline(
      { ports: store, catalogue: openCatalogue(), identityRules, lifecycleRules: loadLifecycleRules(), clock },
      { channels: [] },
    );
    await pipeline.start();
    commands = logCommands(store.log, store.documents, clock);
  });
  afterEach(() => pipeline.stop());

  it('answers the same command with what came of it, whoever asks again', async () => {
    const first = await commands.erase(ann, order('k'));
    expect(first).toEqual({ status: 'refused', code: 'not_found', message: expect.any(String) });
    expect(await commands.erase(ann, order('k', 'asked for', 'somebody else'))).toEqual(first);
  });

  it('is refused to another command', async () => {
    await commands.erase(ann, order('k'));
    const others = [
      commands.erase(bea, order('k')),
      commands.erase(ann, order('k', 'another reason')),
      commands.merge(ann, bea, order('k')),
    ];
    for (const outcome of await Promise.all(others))
      expect(outcome).toMatchObject({ status: 'refused', code: 'idempotency_key_reused' });
  });

  it('is refused to another command that comes at the same moment', async () => {
    const outcomes = await Promise.all([commands.merge(ann, bea, order('k')), commands.erase(ann, order('k'))]);
    expect(outcomes.map((outcome) => outcome.status === 'refused' && outcome.code)).toEqual([
      'not_found',
      'idempotency_key_reused',
    ]);
  });
});
