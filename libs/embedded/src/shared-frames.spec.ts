import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type DocumentSaid } from '@tributary/kernel';
import { connectEmbedded, type Connection, type Embedded, openEmbedded } from './index.js';

let dir: string;
let store: Embedded;
let other: Connection;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-frames-'));
  store = await openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1), inFlight_bytes: 2 ** 20 });
  other = await connectEmbedded({ dir, port: store.mintPort() });
  await store.log.ensureTopics([{ name: 't', partitions: 3 }]);
});
afterEach(async () => {
  await other.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const streamsOf = (round: number): string[] =>
  Array.from({ length: 20 + (round % 7) * 40 }, (_, i) => `s-${round}-${i}`);
const dataOf = (stream: string): Uint8Array => bytes(stream.repeat(1 + (stream.length % 60)));

/** Bodies in memory that serves for all of them. */
function* documentsOf(round: number): Iterable<DocumentSaid> {
  const scratch = new Uint8Array(4_096);
  for (let i = 0; i < 40; i++) {
    const { written } = new TextEncoder().encodeInto(JSON.stringify({ round, i, x: 'é'.repeat(i * 3) }), scratch);
    yield { kind: 'subject', key: `d${i}`, version: round + 1, body: scratch.subarray(0, written) };
    scratch.fill(0);
  }
}

it('holds just what was committed, of large frames and small ones that are under way together, refused, or dropped, with rests between', async () => {
  const committed: number[] = [];
  const refused: number[] = [];
  const underWay: Promise<unknown>[] = [];
  for (let round = 0; round < 60; round++) {
    const { sink } = round % 3 === 0 ? other : store;
    const draft = await sink.begin(['t'], round % 4 === 0 ? 10 : 1_000);
    for (const stream of streamsOf(round)) {
      const event = { id: stream, type: 'Happened', data: dataOf(stream), metadata: { recordedAt: round } };
      draft.append({ stream, expectedRevision: -1, events: [event] });
    }
    draft.see({ key: `m-${round}`, at: `t/${round % 3}/${round}` });
    draft.send({ topic: 't', records: [{ key: null, value: bytes(`v-${round}`.repeat(500)), timestamp_ms: round }] });
    // Some are never committed: what they were given is not given to others.
    if (round % 11 === 4) continue;
    const rest = { documents: documentsOf(round), offsets: [], ...(round % 5 === 2 && { expectedHead: 12_345 }) };
    underWay.push(
      draft.commit(rest).then(
        () => committed.push(round),
        () => refused.push(round),
      ),
    );
    // Also while some are on their way.
    if (round % 8 === 7) underWay.push(other.rest());
    if (round % 6 === 5) await Promise.all(underWay.splice(0));
  }
  await Promise.all(underWay);

  const all = Array.from({ length: 60 }, (_, round) => round).filter((round) => round % 11 !== 4);
  expect(refused.sort((a, b) => a - b)).toEqual(all.filter((round) => round % 5 === 2));
  expect(committed.sort((a, b) => a - b)).toEqual(all.filter((round) => round % 5 !== 2));
  const there = new Set(committed);
  for (const round of Array.from({ length: 60 }, (_, i) => i)) {
    const read = await Promise.all(streamsOf(round).map((stream) => store.events.readStream(stream, 0, 10)));
    const expected = streamsOf(round).map((stream) => (there.has(round) ? [Buffer.from(dataOf(stream))] : []));
    expect(read.map((events) => events.map(({ data }) => Buffer.from(data)))).toEqual(expected);
  }
  const places = await store.seen.firstSeen(all.map((round) => `m-${round}`));
  expect(places).toEqual(all.map((round) => (there.has(round) ? `t/${round % 3}/${round}` : undefined)));
  const documents = await store.documents.get('subject', ['d0', 'd39']);
  expect(documents.map((document) => JSON.parse(document!.body).x.length)).toEqual([0, 117]);
  const records = await Promise.all([0, 1, 2].map((partition) => store.log.read({ topic: 't', partition }, 0, 100)));
  const texts = records.flat().map(({ value }) => Buffer.from(value).toString());
  expect(texts.sort()).toEqual(committed.map((round) => `v-${round}`.repeat(500)).sort());
});
