#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// chDB works on libuv's threads, four for the whole process unless told otherwise; said before any of them is used.
process.env['UV_THREADPOOL_SIZE'] ??= '16';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`tributary: Node ${process.versions.node} is too old; install Node 20.19 or newer\n`);
  process.exit(1);
}
const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(main))) {
  process.stderr.write('tributary: not built yet; run `npm run build` in the checkout, then try again\n');
  process.exit(1);
}
await import(main.href);
