import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { parseChannel } from '../channel/parse-channel.js';
import { readChannelFile, type ReadOptions } from '../file/read-file.js';
import { type FileBatch } from '../file/reading.js';

/** A channel of orders: `id,who,amount`. */
export const channel = (extra = '') =>
  parseChannel(
    `
name: shop
title: { en: Shop, zh: 商店 }
sources:
  - columns: [id, who, amount]
    ${extra}
    emit:
      - type: order_placed
        messageId: <id>
        occurredAt: 2025-01-01T00:00:00Z
        identifiers: [{ customer_no: <who> }]
        payload: { orderId: <id>, amount: { $total: <amount> }, currency: CNY, lines: [] }
`,
    'shop.yaml',
  );
export const grouped = channel('group: { by: [id], open: 2, maxRows: 3 }');

/** A channel of JSON records with an `id`. */
export const jsonLines = parseChannel(
  `
name: lines
title: { en: Lines, zh: 行 }
sources:
  - format: ndjson
    emit:
      - type: order_placed
        messageId: <id>
        occurredAt: 2025-01-01T00:00:00Z
        identifiers: []
        payload: { orderId: <id>, amount: '1', currency: CNY }
`,
  'lines.yaml',
);

/** A folder for files to read; whoever makes it removes it. */
export const folder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'intake-'));
  return {
    dir,
    put: (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
};
export const read = async (path: string, options: ReadOptions = {}, by = channel()) => {
  const batches: FileBatch[] = [];
  let error: unknown = null;
  try {
    for await (const batch of readChannelFile(by, path, options)) batches.push(batch);
  } catch (e) {
    error = e;
  }
  return {
    batches,
    error,
    ids: batches.flatMap((b) => b.items.map((i) => i.envelope.messageId)),
    rejects: batches.flatMap((b) => b.rejects),
    rows: batches.reduce((sum, b) => sum + b.rows, 0),
  };
};
export const csv = (rows: number) =>
  `id,who,amount\n${Array.from({ length: rows }, (_, i) => `o${i},c${i % 7},${i}.50\n`).join('')}`;

/** A zip archive by hand: deflated entries, then the central directory. Names may be of any encoding; none is stated. */
export const zipOf = (
  files: Readonly<Record<string, string>>,
  nameBytes: (name: string) => Buffer = Buffer.from,
): Buffer => {
  const [local, central]: Buffer[][] = [[], []];
  let offset = 0;
  for (const [text, name] of Object.entries(files).map(([name, text]) => [text, nameBytes(name)] as const)) {
    const [data, packed] = [Buffer.from(text), deflateRawSync(text)];
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(8, 4);
    head.writeUInt32LE(crc32(data), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(data.length, 18);
    head.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), head, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central?.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), head, tail, name]));
    local?.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central ?? []);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(central?.length ?? 0, 4);
  end.writeUInt16LE(central?.length ?? 0, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...(local ?? []), directory, Buffer.from('PK\x05\x06'), end]);
};
