#!/usr/bin/env node
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript.mjs', import.meta.url);
const { checkData } = await import('./check-data.ts');
process.exitCode = await checkData(process.argv.slice(2));
