import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';
import { scraped } from './scraped.js';

/** How much there is of the disk that holds the data folder: on a full one nothing can be accepted, and nobody else may tell. */
export const diskGauges = (registry: Registry, folder: string): void => {
  // One that cannot be asked is told by all that cannot be written to it.
  const now = scraped(() => statfs(folder).catch(() => null));
  const gauge = (name: string, help: string, blocks: 'bavail' | 'blocks'): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const disk = await now();
        if (disk) this.set(disk[blocks] * disk.bsize);
        else this.remove();
      },
    });
  gauge('tributary_disk_free_bytes', 'Of the disk that holds the data folder: what is free for this user.', 'bavail');
  gauge('tributary_disk_size_bytes', 'Of the disk that holds the data folder: its size.', 'blocks');
};
