import { Gauge, type Registry } from 'prom-client';
import { type Readiness } from './platform-stats.js';
import { scraped } from './scraped.js';

/** Under one name whatever the process does, since alerts ask for it. */
export const readyGauge = (registry: Registry, readiness: () => Readiness | Promise<Readiness>): Gauge<'check'> => {
  const now = scraped(readiness);
  return new Gauge({
    name: 'tributary_ready',
    help: 'Whether a part of the process does its work (1) or not (0): /health/ready says why.',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const told = await now();
      this.reset();
      for (const [check, found] of Object.entries(told?.checks ?? {})) this.set({ check }, found === 'ok' ? 1 : 0);
    },
  });
};
