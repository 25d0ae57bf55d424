import { expect, test } from '@jest/globals';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { freePort } from '../../infra/local/free-port.mjs';

const range = '/proc/sys/net/ipv4/ip_local_port_range';
/** A machine that gives nearly every port to outgoing connections leaves nothing to choose. */
const roomy = !existsSync(range) || Number.parseInt(readFileSync(range, 'utf8'), 10) > 21_000;

(roomy ? test : test.skip)(
  'a free port is none that a connection of somebody else could be given meanwhile',
  async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);

    // The system's own choice, for comparison: where outgoing connections begin.
    const ephemeral = createServer().listen(0, '127.0.0.1');
    await once(ephemeral, 'listening');
    const { port } = ephemeral.address() as { port: number };
    for (const chosen of ports) expect(chosen).toBeLessThan(port);
    ephemeral.close();
  },
);
