import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { FEED_TOPIC, intakeStream, touchpointTopic } from '@tributary/domain';
import { openEmbedded } from '@tributary/embedded';
import { pino } from 'pino';
import { embeddedOnly } from '../engines/settings.js';
import { memoryPlan } from './memory-plan.js';
import { startWarehouseSide } from './warehouse-side.js';

const topic = touchpointTopic('shop');

it('a warehouse that finds at its start what it cannot load says so in the log, whenever it finds it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-warehouse-side-'));
  const store = await openEmbedded({ dir: dataDir, masterKey: Buffer.alloc(32, 1) });
  const logged: string[] = [];
  try {
    await store.log.ensureTopics([FEED_TOPIC, topic].map((name) => ({ name, partitions: 1 })));
    const [stream, data] = [intakeStream(topic, 0), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])];
    const event = { id: '5f0b7a0c-3c1e-4f43-8a55-0d3a1c6f9a01', type: 'BatchTaken', data, metadata: { recordedAt: 1 } };
    await store.events.append([{ stream, expectedRevision: -1, events: [event] }]);
    const side = await startWarehouseSide(
      {
        dataDir,
        port: store.mintPort(),
        lookupKey: Buffer.alloc(32, 2),
        channels: ['shop'],
        engines: embeddedOnly,
        logLevel: 'silent',
        plan: memoryPlan(4 * 2 ** 30),
        host: '127.0.0.1',
        sqlPort: 0,
        token: { text: 't', grant: { kind: 'role', role: 'admin' } },
      },
      pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
    );
    while (side.trouble() === null) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await side.stop();
    expect(logged.filter((line) => line.includes('the warehouse stopped loading'))).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? '{}')).toMatchObject({ reason: expect.any(String) });
  } finally {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);
