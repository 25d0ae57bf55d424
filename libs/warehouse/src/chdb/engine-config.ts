import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hideReaching, rowPolicies } from './closed-to-analysts.js';

export const DATABASE = 'tributary';

/**
 * The engine has one user, who owns nothing by himself but the right to read this database; everything else comes from
 * a role. Connections of the platform keep the role; a connection for analysts drops it (`SET ROLE NONE`), and then the
 * engine itself refuses files, URLs, other servers, other databases and any change. What it lets anyone do is closed besides.
 */
const users = `<clickhouse>
  <profiles><default></default></profiles>
  <quotas><default></default></quotas>
  <roles><steward><grants><query>GRANT ALL ON *.*</query></grants></steward></roles>
  <users><default>
    <password></password>
    <networks><ip>127.0.0.1</ip><ip>::1</ip><ip>::/0</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    ${rowPolicies('steward')}
    <grants>
      <query>GRANT SELECT, SHOW ON ${DATABASE}.*</query>
      <query>GRANT steward</query>
    </grants>
  </default></users>
</clickhouse>
`;

const escaped = (path: string): string => path.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/** Writes the engine's configuration beside its data; answers the arguments to start it with. */
export const configureEngine = (path: string, memory_bytes: number): readonly string[] => {
  const folder = join(path, 'tributary');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const usersFile = join(folder, 'users.xml');
  const configFile = join(folder, 'config.xml');
  writeFileSync(usersFile, users);
  writeFileSync(
    configFile,
    `<clickhouse>
  <users_config>${escaped(usersFile)}</users_config>
  <user_defined_path>${escaped(hideReaching(folder))}</user_defined_path>
  <max_server_memory_usage>${memory_bytes}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>33554432</index_mark_cache_size>
  <query_condition_cache_size>16777216</query_condition_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
</clickhouse>
`,
  );
  return [`--config-file=${configFile}`];
};
