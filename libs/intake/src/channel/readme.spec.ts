import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSamples } from './check-samples.js';
import { operators } from './operators.js';
import { parseChannel } from './parse-channel.js';

const readme = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../README.md'), 'utf8');

describe('the README', () => {
  it('teaches a channel that works', () => {
    const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const outcomes = checkSamples(parseChannel(example, 'README.md'));
    expect(outcomes.flatMap((o) => o.problems)).toEqual([]);
    expect(outcomes).toHaveLength(1);
  });

  it('names every operator', () => {
    for (const name of Object.keys(operators)) expect(readme).toContain(`\`${name}:`);
  });
});
