import { describe, expect, it } from '@jest/globals';
import { isAbsolute } from 'node:path';
import { ExitCode } from './exit-code.js';
import { ok, refused } from './testing/fake-server.js';
import { withServer } from './testing/invocation.js';

describe('a backup', () => {
  const platform = withServer();

  it('names the server a whole path, and people what is not in it', async () => {
    platform.server.first = ({ path }) =>
      path === '/v1/ops/backup' ? ok({ folder: '/b/kept', bytes: 2_500_000, left: 'secrets.json' }) : undefined;
    const { exit, out } = await platform.cli.run(['backup', 'kept']);
    expect(exit).toBe(ExitCode.ok);
    expect(out).toContain('/b/kept: 3 MB');
    expect(out).toContain('secrets.json');
    const body = JSON.parse(String(platform.server.calls.at(-1)?.body)) as { folder: string };
    expect(isAbsolute(body.folder)).toBe(true);
  });

  it('that is refused says why', async () => {
    platform.server.first = ({ path }) =>
      path === '/v1/ops/backup' ? refused(409, 'folder_exists', 'the folder is there already') : undefined;
    const { exit, err } = await platform.cli.run(['backup', 'kept']);
    expect(exit).toBe(ExitCode.refused);
    expect(err).toContain('the folder is there already');
  });
});
