import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { whereToLook } from './where-to-look.js';

test.each(['/data/客户', "/home/o'brien/our data", '/tmp/$HOME `id` "x"'])(
  'commands that are shown can be pasted, also where the folder is called %s',
  (dataDir) => {
    const text = whereToLook({ url: 'http://u', sqlUrl: 'http://s', dataDir, keys: {}, hasSample: false });
    const [, shown = ''] = /npx tributary sql "SHOW TABLES"(.*)/.exec(text) ?? [];
    const seen = execFileSync('sh', ['-c', `printf '%s|' ${shown}`], { encoding: 'utf8' });
    expect(seen).toBe(`--data|${dataDir}|`);
  },
);
