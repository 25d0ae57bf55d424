#!/usr/bin/env node
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('../data/typescript.mjs', import.meta.url);
const { runFaults } = await import('./run-faults.ts');
process.exit(await runFaults(process.argv.slice(2)));
