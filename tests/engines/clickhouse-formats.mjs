/**
 * How fast the same touchpoints go in by each format: encoded here, sent over HTTP, inserted by the engine (chDB behind
 * tests/engines/clickhouse-server.mjs), in batches of 10,000. Prints rows a second, and the client's time for each row.
 *
 *   npm run build && node tests/engines/clickhouse-formats.mjs
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openClickHouseWarehouse, rawTouchpoints } from '@tributary/warehouse';
import { rowEncoder } from '../../libs/warehouse/dist/encode/row-binary.js';
import { freePort } from '../../infra/local/free-port.mjs';

const BATCH = 10_000;
const BATCHES = 10;
const columns = rawTouchpoints.columns.map(({ name }) => name);
const isTime = rawTouchpoints.columns.map(({ type }) => type.startsWith('DateTime64'));

const payload = JSON.stringify({
  path: '/tea/green',
  title: 'Grüner Tee 茶',
  productId: 'p-123',
  category: 'tea',
  note: 'x'.repeat(120),
});
const batchOf = (n) =>
  Array.from({ length: BATCH }, (_, i) => {
    const at = Date.UTC(2026, 0, 1) + (n * BATCH + i) * 1_000;
    const subject = `s_${((i * 2_654_435_761) >>> 0).toString(16).padStart(32, '0')}`;
    const told = {
      type: 'page_viewed',
      subject_id: subject,
      channel: 'shop',
      message_id: `m-${n}-${i}`,
      occurred_at: at,
      received_at: at + 500,
      identifier_types: ['member_no'],
      payload,
      source_topic: 'touchpoints.shop',
      source_partition: i % 8,
      source_offset: n * BATCH + i,
      intake_position: n,
    };
    return columns.map((name) => told[name]);
  });

const timeText = (ms) => new Date(ms).toISOString().replace('T', ' ').slice(0, -1);
const written = (row) => row.map((cell, i) => (isTime[i] ? timeText(cell) : cell));
const tab = (cell) =>
  Array.isArray(cell)
    ? `[${cell.map((one) => `'${one}'`).join(',')}]`
    : String(cell).replace(/[\\\t\n]/g, (mark) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n' })[mark]);
const encode = rowEncoder(rawTouchpoints);
const formats = {
  RowBinary: (rows) => {
    const { bytes } = encode({ table: rawTouchpoints.name, columns, rows });
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  },
  JSONCompactEachRow: (rows) => Buffer.from(rows.map((row) => JSON.stringify(written(row))).join('\n')),
  JSONEachRow: (rows) =>
    Buffer.from(
      rows
        .map((row) => JSON.stringify(Object.fromEntries(written(row).map((cell, i) => [columns[i], cell]))))
        .join('\n'),
    ),
  TabSeparated: (rows) => Buffer.from(rows.map((row) => `${written(row).map(tab).join('\t')}\n`).join('')),
};

const folder = mkdtempSync(join(tmpdir(), 'tributary-formats-'));
const port = await freePort();
const program = fileURLToPath(new URL('clickhouse-server.mjs', import.meta.url));
const server = spawn(process.execPath, [program, folder, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  await once(server.stdout, 'data');
  const url = `http://127.0.0.1:${port}`;
  const warehouse = await openClickHouseWarehouse({ url });
  await warehouse.migrate();
  const batches = Array.from({ length: BATCHES }, (_, n) => batchOf(n));
  for (const round of ['warm', 'measured'])
    for (const [format, bytesOf] of Object.entries(formats)) {
      const query = encodeURIComponent(`INSERT INTO raw_touchpoints (${columns.join(', ')}) FORMAT ${format}`);
      let encoding_ms = 0;
      let bytes = 0;
      const began = performance.now();
      for (const rows of batches) {
        const from = performance.now();
        const body = bytesOf(rows);
        encoding_ms += performance.now() - from;
        bytes += body.length;
        const answer = await fetch(`${url}/?database=tributary&query=${query}`, { method: 'POST', body });
        if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
      }
      const took_s = (performance.now() - began) / 1_000;
      const rows = BATCH * BATCHES;
      const packed = gzipSync(bytesOf(batches[0]), { level: 1 }).length / BATCH;
      if (round === 'measured')
        process.stdout.write(
          `${format.padEnd(19)} ${Math.round(rows / took_s).toLocaleString('en')} rows/s, encoding ${((encoding_ms * 1_000) / rows).toFixed(1)} µs a row, ${Math.round(bytes / rows)} bytes a row (${Math.round(packed)} gzipped)\n`,
        );
    }
  await warehouse.close();
} finally {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
