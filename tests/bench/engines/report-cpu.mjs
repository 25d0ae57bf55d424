import { cpuByRole } from '../process/usage.mjs';

/** CPU seconds of all threads of the broker until now; they all do its work, whatever they are called. */
export const brokerCpu_s = ({ pid }) => [...cpuByRole(pid, '').values()].reduce((sum, cpu_s) => sum + cpu_s, 0);

/**
 * Microseconds of a core that a touchpoint costs, by thread; what shares the same cores without being part of what is
 * measured is told beside it, and is not in the sum.
 */
export const reportCpu = (bench, name, { touchpoints, cpu, beside }) => {
  if (cpu.length === 0) return;
  const total_s = cpu.reduce((sum, { cpu_s }) => sum + cpu_s, 0);
  const cost = (cpu_s) => (cpu_s * 1e6) / touchpoints;
  const unit = 'us/touchpoint';
  bench.report({ name: `${name}.cpu`, value: cost(total_s), unit });
  for (const { role, cpu_s } of cpu)
    bench.report({
      name: `${name}.cpu: ${role}`,
      value: cost(cpu_s),
      unit,
      ratio: cpu_s / total_s,
      ratio_to: `${name}.cpu`,
    });
  for (const [who, cpu_s] of Object.entries(beside))
    bench.report({ name: `${name}.cpu: (${who}, beside it)`, value: cost(cpu_s), unit });
};
