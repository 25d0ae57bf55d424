#!/usr/bin/env -S node --v8-pool-size=0
// The flag above: as many helpers of V8 as cores are to spare, not four, which on two cores take a tenth from the work itself.
'use strict';

// CommonJS, which is loaded at once: the loader of modules would have started libuv's threads before their number is said.
const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { setFlagsFromString } = require('node:v8');

// chDB works on libuv's threads, four for the whole process unless told otherwise.
process.env['UV_THREADPOOL_SIZE'] ??= '16';

// Several threads that collect one heap's young garbage cost a tenth more than one, and gain where a core is idle only:
// doors, pipeline, loader and store have one to do each.
if (availableParallelism() < 4) setFlagsFromString('--no-parallel-scavenge');

// A heap may grow by this much beyond what was alive before its garbage is looked for: with several gigabytes allowed, V8 would
// let it grow to four times that, which spares three percent of the work and costs some hundred megabytes. (It holds for idle
// threads as well, of which V8 would keep less.)
setFlagsFromString('--heap-growing-percent=80');

// A thread that rests after much work collects its garbage itself, since V8 does so only for one that asks for memory.
setFlagsFromString('--expose-gc');

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
