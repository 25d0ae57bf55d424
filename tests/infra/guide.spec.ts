import { describe, expect, it } from '@jest/globals';
import { settingSpecs } from '../../apps/server/src/engines/settings.js';
import { textOf } from './compose-file.js';
import { metricNames } from './metric-names.js';
import { settingsRead } from './settings-read.js';

const running = textOf('docs/guide/running.md');
const scaling = textOf('docs/guide/scaling.md');

describe('the guide', () => {
  it.each(settingSpecs.map(({ name }) => name))('explains %s', (name) => {
    expect(running).toContain(`| \`${name}\``);
  });

  it('names only settings and metrics that there are', async () => {
    const named = [...`${running}${scaling}`.matchAll(/\b(TRIBUTARY_[A-Z_]*[A-Z]|tributary_[a-z_]+)\b/g)].map(
      ([name]) => name,
    );
    const known = new Set([...settingsRead(), ...(await metricNames())]);
    const families = new Set([...known].map((name) => name.replace(/_bucket$/, '')));
    expect(
      [...new Set(named)].filter((name) => !known.has(name) && !families.has(name) && name !== 'TRIBUTARY_KAFKA'),
    ).toEqual([]);
  });
});
