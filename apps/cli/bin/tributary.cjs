#!/usr/bin/env node
'use strict';
// CommonJS, which is loaded at once: the loader of modules would have started libuv's threads before their number is said.
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

// chDB works on libuv's threads, four for the whole process unless told otherwise.
process.env['UV_THREADPOOL_SIZE'] ??= '16';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`tributary: Node ${process.versions.node} is too old; install Node 20.19 or newer\n`);
  process.exit(1);
}
const main = join(__dirname, '..', 'dist', 'main.js');
if (!existsSync(main)) {
  process.stderr.write('tributary: not built yet; run `npm run build` in the checkout, then try again\n');
  process.exit(1);
}
void import(pathToFileURL(main).href);
