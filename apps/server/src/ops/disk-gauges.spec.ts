import { statfs } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { diskGauges } from './disk-gauges.js';

const told = async (folder: string) => {
  const registry = new Registry();
  diskGauges(registry, folder);
  return Object.fromEntries(
    [...(await registry.metrics()).matchAll(/^(tributary_disk_\w+) (\d+)$/gm)].map(([, name, n]) => [name, Number(n)]),
  );
};

it('tells how large the disk is and what is free on it', async () => {
  const { bavail, blocks, bsize } = await statfs('.');
  const disk = await told('.');
  expect(disk['tributary_disk_size_bytes']).toBe(blocks * bsize);
  // Others write to it meanwhile.
  expect(Math.abs((disk['tributary_disk_free_bytes'] ?? 0) / (bavail * bsize) - 1)).toBeLessThan(0.2);
});

it('tells nothing of one that cannot be asked', async () => {
  expect(await told('./there/is/no/such/folder')).toEqual({});
});
