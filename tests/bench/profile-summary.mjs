/**
 * `node tests/bench/profile-summary.mjs <folder>`: where the time went in the CPU profiles that `--profile` left, thread
 * by thread, as self time of functions. Idle time is left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const MOST = 25;
const notWork = new Set(['(idle)', '(program)', '(root)']);

const folder = process.argv[2];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const self_us = new Map();
  for (const [i, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id);
    if (notWork.has(functionName)) continue;
    const place =
      url === '' ? '' : ` ${url.replace(/^.*\/(?=(libs|apps|node_modules|tests)\/)/, '')}:${lineNumber + 1}`;
    const name = `${functionName || '(anonymous)'}${place}`;
    self_us.set(name, (self_us.get(name) ?? 0) + timeDeltas[i]);
  }
  const total_us = [...self_us.values()].reduce((sum, us) => sum + us, 0);
  process.stdout.write(`\n${file}: ${(total_us / 1e6).toFixed(1)} s at work\n`);
  for (const [name, us] of [...self_us].sort((a, b) => b[1] - a[1]).slice(0, MOST))
    process.stdout.write(
      `${((us / total_us) * 100).toFixed(1).padStart(6)} % ${(us / 1e6).toFixed(2).padStart(7)} s  ${name}\n`,
    );
}
