import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { root } from './compose-file.js';

/** Says which key it made, but for the role that fails. */
const docker = `#!/bin/sh
case "$*" in *" key create "*) ;; *) exit 0 ;; esac
for role; do :; done
[ "$role" = "$FAILS" ] && exit 1
echo "key-of-$role"
`;

it.each(['admin', 'read'])('prepare.sh shows an admin key at last where the %s key failed at first', (fails) => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-prepare-'));
  try {
    mkdirSync(join(folder, 'infra/compose'), { recursive: true });
    copyFileSync(join(root, 'infra/compose/prepare.sh'), join(folder, 'infra/compose/prepare.sh'));
    writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
    const prepare = (FAILS: string) =>
      spawnSync('sh', [join(folder, 'infra/compose/prepare.sh')], {
        env: { PATH: `${folder}:${process.env['PATH']}`, FAILS },
        encoding: 'utf8',
      });
    expect(prepare(fails).status).not.toBe(0);
    const again = prepare('');
    expect([again.status, again.stderr]).toEqual([0, '']);
    expect(again.stdout).toContain('key-of-admin');
    expect(readFileSync(join(folder, '.env'), 'utf8')).toMatch(/^TRIBUTARY_METRICS_KEY=key-of-read$/m);
    expect(prepare('').stdout).not.toContain('key-of-admin');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
