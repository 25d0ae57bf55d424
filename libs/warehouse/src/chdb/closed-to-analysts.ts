import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Functions that reach beyond the tables, as the engine spells them. It lets anyone call them: no grant covers them, and a
 * program that embeds it may read any file with `file`.
 */
export const reaching = [
  'file', 'catboostEvaluate', 'getServerSetting', 'showCertificate',
  'aiClassify', 'aiEmbed', 'aiExtract', 'aiGenerate', 'aiTranslate',
  'AIClassify', 'AIExtract', 'AIGenerate', 'AITranslate',
]; // prettier-ignore

/** Tables that tell of the machine and of what others ask. In a program that embeds it the engine lets anyone read them. */
const telling = [
  'asynchronous_inserts', 'backups', 'detached_parts', 'disks', 'dropped_tables', 'errors', 'merges', 'moves', 'mutations', 'processes',
  'query_cache', 'remote_data_paths', 'schema_inference_cache', 'server_settings', 'stack_trace', 'storage_policies', 'user_processes', 'warnings',
]; // prettier-ignore

/**
 * Hides each of those functions, for everyone, behind one of its name that reads nothing and fails. The engine refuses to make
 * such a function, but loads what it finds in its folder, and looks there before it looks among its own; a table function of
 * that name (`FROM file(…)`) stays what it is, under its grant. Answers the folder.
 */
export const hideReaching = (folder: string): string => {
  const path = join(folder, 'user_defined');
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { mode: 0o700 });
  for (const name of reaching)
    writeFileSync(
      join(path, `function_${name}.sql`),
      `CREATE FUNCTION ${name} AS (x) -> throwIf(1, 'The function ${name} cannot be used here.')`,
    );
  return path;
};

/** Row policies of the engine's one user: of those tables he sees nothing while he does not have the role. */
export const rowPolicies = (role: string): string =>
  `<databases><system>${telling
    .map((table) => `<${table}><filter>has(currentRoles(), '${role}')</filter></${table}>`)
    .join('')}</system></databases>`;
