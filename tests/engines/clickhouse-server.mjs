/**
 * ClickHouse's HTTP interface, for writing too, on chDB in a process of its own, so that it can be killed like a server.
 * For tests only: whoever reaches the port may do anything.
 *
 *   node tests/engines/clickhouse-server.mjs FOLDER PORT [CLUSTER]     prints `ready` when it answers
 *
 * With the name of a cluster it is the only replica of its only shard, as far as an engine without Keeper can be: Distributed
 * tables are real, those that should be replicated are not, and ON CLUSTER means here. What a replicated table refuses is refused.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from 'chdb';
import { createChdbConnection } from 'chdb/connection';
import { configureEngine } from '../../libs/warehouse/dist/chdb/engine-config.js';
import { settingsText } from '../../libs/warehouse/dist/chdb/statement-text.js';

const [path, port, cluster] = process.argv.slice(2);
mkdirSync(path, { recursive: true });
const connectionArgs = [...configureEngine(path, 2_000_000_000)];
if (cluster !== undefined) {
  const file = join(path, 'tributary', 'config.xml');
  const replica = `<replica><host>127.0.0.1</host><port>9000</port></replica>`;
  const servers = `<tcp_port>9000</tcp_port><remote_servers><${cluster}><shard><internal_replication>true</internal_replication>${replica}</shard></${cluster}></remote_servers>`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('</clickhouse>', `${servers}</clickhouse>`));
}
const anchor = new Session(path, { connectionArgs });
await anchor.queryAsync('SELECT 1');

/** Settings of the HTTP interface or of the client, which mean nothing to a statement here. */
const notSettings =
  /^(query|query_id|database|default_format|param_.*|session_id|wait_end_of_query|send_progress.*|http_.*|enable_http_compression|cancel_http.*)$/;
const quoted = (text) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
const underWay = new Map();
/** Tests slow inserts down by it: `POST /delay?ms=`. */
let delay_ms = 0;
let files = 0;

const bytesOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
};

const connected = async (prelude, use) => {
  const connection = createChdbConnection({ path });
  try {
    await connection.chdb.queryAsync(prelude.join('; '));
    return await use(connection.chdb);
  } finally {
    await connection.close();
  }
};

/** Inline data ends at the first empty line: rows go through a file, and what a column is stands in its table. */
const insert = (chdb, database, [, table, columns, format], rows) => {
  const file = join(path, `${++files}.rows`);
  writeFileSync(file, rows);
  return (async () => {
    await sleep(delay_ms);
    const described = await chdb.queryAsync(`DESCRIBE TABLE ${table}`, { format: 'JSONEachRow' });
    const types = new Map(
      described
        .text()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .map(({ name, type }) => [name, type]),
    );
    const structure = columns.split(',').map((name) => `${name.trim()} ${types.get(name.trim())}`);
    await chdb.queryAsync(
      `INSERT INTO ${table} (${columns}) SELECT * FROM file(${quoted(file)}, ${quoted(format)}, ${quoted(structure.join(', '))})`,
    );
    return '';
  })().finally(() => rmSync(file, { force: true }));
};

/** There is nothing to cancel here; it resolves when what was to be killed has ended, as SYNC promises. */
const kill = async (params) => {
  const hit = [...underWay].filter(([id]) => id === params.id || (params.prefix && id.startsWith(params.prefix)));
  await Promise.allSettled(hit.map(([, done]) => done));
  return '';
};

/** What a server of a cluster with Keeper makes of a statement, in words for one without. */
const ofCluster = (sql) => {
  if (cluster === undefined) return sql;
  if (/^ALTER TABLE \S+_local .*DELETE .*(joinGet|SELECT)/s.test(sql))
    throw new Error(
      "Code: 36. DB::Exception: The source storage is replicated so ALTER UPDATE/ALTER DELETE statements must use only deterministic functions. Function 'joinGet' is non-deterministic. (BAD_ARGUMENTS)",
    );
  return sql
    .replaceAll(` ON CLUSTER \`${cluster}\``, '')
    .replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(');
};

const carryOut = async (url, body) => {
  const database = url.searchParams.get('database') ?? 'default';
  const params = {};
  const settings = {};
  for (const [name, value] of url.searchParams)
    if (name.startsWith('param_')) params[name.slice(6)] = value;
    else if (!notSettings.test(name)) settings[name] = value;
  const inAddress = url.searchParams.get('query') ?? '';
  const rows = /^\s*INSERT INTO (\S+) \(([^)]*)\) FORMAT (\w+)\s*$/.exec(inAddress);
  const sql = rows ? inAddress : ofCluster(inAddress + body.toString());
  if (/^\s*KILL QUERY/.test(sql)) return kill(params);
  const format = url.searchParams.get('default_format') ?? 'TabSeparated';
  return connected([`USE ${database}`, ...settingsText(settings, params)], async (chdb) =>
    rows ? insert(chdb, database, rows, body) : (await chdb.queryAsync(sql, { format })).bytes(),
  );
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  try {
    const body = await bytesOf(request);
    if (url.pathname === '/ping') return response.end('Ok.\n');
    if (url.pathname === '/delay') {
      delay_ms = Number(url.searchParams.get('ms'));
      return response.end();
    }
    const done = carryOut(url, body);
    const id = url.searchParams.get('query_id');
    if (id) underWay.set(id, done);
    const answer = await done.finally(() => underWay.delete(id));
    return response.end(answer);
  } catch (error) {
    const code = /Code: (\d+)/.exec(error.message)?.[1] ?? '1002';
    response.writeHead(500, { 'X-ClickHouse-Exception-Code': code });
    return response.end(`${error.message}\n`);
  }
});
server.keepAliveTimeout = 3_000;
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
