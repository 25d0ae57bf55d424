import { describe, expect, it } from '@jest/globals';
import { roles } from '../../apps/server/src/distributed/role.js';
import { parseCompose, roleServices, textOf } from './compose-file.js';
import { settingsRead } from './settings-read.js';

const names = textOf('infra/helm/tributary/templates/_names.tpl');
const deployments = textOf('infra/helm/tributary/templates/deployments.yaml');
const needsOf = (role: string): readonly string[] =>
  (new RegExp(`"${role}" "([A-Z_ ]+)"`).exec(names)?.[1] ?? '').split(' ').sort();

describe('the chart', () => {
  it('sets only what the roles read', () => {
    const known = settingsRead();
    const set = [...`${names}${deployments}`.matchAll(/TRIBUTARY_[A-Z_]+/g)].map(([name]) => name);
    expect(set.length).toBeGreaterThan(10);
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('mounts the keys’ folder, since a file that is mounted by itself never changes in a pod that runs', () => {
    expect(deployments).toContain('{ name: access, mountPath: /data,');
    expect(deployments).not.toContain('subPath');
  });

  it.each(roles)('gives the %s the engines and keys that docker-compose.yml gives it', (role) => {
    const service = roleServices(parseCompose(textOf('docker-compose.yml'))).get(role);
    const given = Object.keys(service?.environment ?? {}).filter((name) => /^TRIBUTARY_\w+_(URL|KEY)$/.test(name));
    expect(needsOf(role)).toEqual(given.sort());
  });

  it('scrapes under the job and the labels that alerts and dashboards ask for', () => {
    const monitor = textOf('infra/helm/tributary/templates/pod-monitor.yaml');
    const asked = new Set(
      [...textOf('infra/compose/prometheus/alerts.yml').matchAll(/job="(\w+)"/g)].map(([, job]) => job),
    );
    const label = /^ {2}jobLabel: (\S+)$/m.exec(monitor)?.[1] ?? '';
    const names = textOf('infra/helm/tributary/templates/_names.tpl');
    expect(names).toContain(`${label}: {{ .root.Chart.Name }}`);
    expect([...asked]).toEqual([/^name: (\S+)$/m.exec(textOf('infra/helm/tributary/Chart.yaml'))?.[1]]);
    expect(monitor).toContain('targetLabel: role');
  });
});
