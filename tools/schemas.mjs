/**
 * Completes what is new in `schemas/`: the fingerprint of an entry of `registry.json` that has none, and the bytes
 * (`.golden.hex`) of an example (`.golden.json`) that has none; then says what is wrong, and exits with 1. What was
 * published is never written again. Another folder may be named.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  checkSchemas,
  encodeBehaviourSum,
  fingerprintOf,
  openCatalogue,
  readRegistry,
  registryFile,
  shippedSchemas,
} from '@tributary/contracts';

const directory = resolve(process.argv[2] ?? shippedSchemas);
const schemas = readRegistry(directory);
const made = (line) => process.stdout.write(`${line}\n`);

const unmarked = schemas.filter(({ fingerprint }) => fingerprint === undefined);
if (unmarked.length > 0) {
  const entries = schemas.map(({ id, subject, version, path, fingerprint, type }) => ({
    id,
    subject,
    version,
    path,
    fingerprint: fingerprint ?? fingerprintOf(type),
  }));
  writeFileSync(join(directory, registryFile), `${JSON.stringify(entries, null, 2)}\n`);
  for (const { path } of unmarked) made(`${path}: its fingerprint`);
}

const catalogue = openCatalogue(directory);
for (const { path } of schemas) {
  const golden = join(directory, path.replace(/\.avsc$/, '.golden'));
  if (existsSync(`${golden}.hex`) || !existsSync(`${golden}.json`)) continue;
  const value = JSON.parse(readFileSync(`${golden}.json`, 'utf8'));
  const bytes = path.startsWith('touchpoint/') ? catalogue.encode(value) : encodeBehaviourSum(value);
  const hex = Buffer.from(bytes).toString('hex');
  writeFileSync(`${golden}.hex`, `${hex.match(/.{1,120}/g).join('\n')}\n`);
  made(`${path}: its golden bytes`);
}

const faults = checkSchemas(directory);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exit(faults.length > 0 ? 1 : 0);
