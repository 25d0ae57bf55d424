/**
 * Node's own HTTP server → the embedded log → ClickHouse, and nothing between: bodies are cut at line ends, never
 * parsed. Answers after the log has said durable, as our doors do.
 */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openEmbedded } from '@tributary/embedded';
import { keepEngineLoaded } from '@tributary/warehouse';
import { announce } from '../process/announce.mjs';

const dir = process.argv[2];
const topic = 'touchpoints.bare';
mkdirSync(join(dir, 'log'), { recursive: true });
const store = await openEmbedded({ dir: join(dir, 'log'), masterKey: Buffer.alloc(32, 7), reads: 'thread' });
await store.log.ensureTopics([{ name: topic, partitions: 1 }]);

// The copier's thread ends before this one, and must not take the engine's code with it.
await keepEngineLoaded();
const port = store.mintPort();
const copier = new Worker(new URL('./bare-loop-copier.mjs', import.meta.url), {
  workerData: { dir, topic, port },
  transferList: [port],
});
await once(copier, 'message');

const COMMA = 0x2c;
const NEWLINE = 0x0a;

/** One record a line; the first line opens the list and the last one closes it. */
const recordsOf = (body, timestamp_ms) => {
  const records = [];
  for (let from = body.indexOf(NEWLINE) + 1; ;) {
    const end = body.indexOf(NEWLINE, from);
    if (end < 0) return records;
    const value = body.subarray(from, body[end - 1] === COMMA ? end - 1 : end);
    records.push({ key: null, value, timestamp_ms });
    from = end + 1;
  }
};

const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    copier.postMessage('count');
    const [rows] = await once(copier, 'message');
    return response.end(String(rows));
  }
  const records = recordsOf(await bodyOf(request), Date.now());
  await store.log.append([{ topic, records }]);
  const answer = `{"accepted":${records.length}}`;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
  response.end(answer);
});

await announce(server, async () => {
  copier.postMessage('stop');
  await once(copier, 'exit');
  await store.close();
});
