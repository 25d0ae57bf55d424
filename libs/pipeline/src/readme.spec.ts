import { expect, it } from '@jest/globals';
// region example
import { loadIdentityRules, loadLifecycleRules, openCatalogue } from '@tributary/contracts';
import { CustomerId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { awaitOutcome, COMMAND_TOPIC, Pipeline, submitCommand, touchpointTopic } from './index.js';

const ports = memoryStore();
await ports.log.ensureTopics([touchpointTopic('shop'), COMMAND_TOPIC].map((name) => ({ name, partitions: 1 })));
const identityRules = loadIdentityRules({ lookupKey: new Uint8Array(32).fill(7) }); // from the key file, in earnest
const clock = { now: () => Date.now() };
const context = { ports, catalogue: openCatalogue(), identityRules, lifecycleRules: loadLifecycleRules(), clock };

const pipeline = new Pipeline(context, { channels: ['shop'] });
await pipeline.start();
const customer = CustomerId(`c_${'0'.repeat(32)}`);
await submitCommand(ports.log, { type: 'erase', id: 'e-1', at: clock.now(), by: 'me', reason: 'asked for', customer });
const outcome = await awaitOutcome(ports.documents, 'e-1');
await pipeline.stop();
// endregion

it('does what the README shows', () => {
  expect(outcome).toMatchObject({ status: 'refused', code: 'not_found' });
});
