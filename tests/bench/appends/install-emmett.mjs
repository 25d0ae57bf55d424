import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const packages = ['@event-driven-io/emmett-sqlite@0.42.4', 'uuid@11.1.0', 'async-retry@1.3.3'];
const INSTALL_MS = 60_000;

/**
 * Brings emmett-sqlite into a folder of its own, outside of the workspace, without its driver and without any install
 * script. Answers why it cannot be had, or nothing.
 */
export const installEmmett = async (prefix) => {
  mkdirSync(prefix, { recursive: true });
  writeFileSync(join(prefix, 'package.json'), '{"private":true}\n');
  const argv = ['install', '--prefix', prefix, '--no-save', '--ignore-scripts', '--legacy-peer-deps', '--no-audit'];
  try {
    await promisify(execFile)('npm', [...argv, '--no-fund', '--loglevel=error', ...packages], {
      cwd: prefix,
      timeout: INSTALL_MS,
    });
  } catch (error) {
    return `${packages[0]} cannot be installed here: ${String(error.stderr || error.message).split('\n')[0]}`;
  }
  // It imports its driver by name; nothing of it is called where a connection is given.
  const driver = join(prefix, 'node_modules', 'sqlite3');
  mkdirSync(driver, { recursive: true });
  writeFileSync(
    join(driver, 'package.json'),
    '{"name":"sqlite3","version":"0.0.0","type":"module","main":"index.js"}\n',
  );
  writeFileSync(join(driver, 'index.js'), 'export default {};\n');
  return undefined;
};
