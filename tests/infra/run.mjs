/**
 * `node tests/infra/run.mjs`: what deploys the platform, read by the programs that will read it. A program that cannot be
 * had is a failure: a check that did not run must not look like one that passed. What needs none is in the specs beside
 * this file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeParser, helm, kubernetesValidate, promtool } from './tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const chart = join(root, 'infra/helm/tributary');
const folder = mkdtempSync(join(tmpdir(), 'tributary-infra-'));
const CLUSTERS = ['1.28', '1.31', '1.34'];

const call = (program, args, options = {}) => {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  return { ok: status === 0, text: error ? error.message : `${stdout}${stderr}`, stdout };
};

const values = (...sets) => [
  '--set',
  ['existingSecret.settings=s', 'existingSecret.access=a', 'existingSecret.metrics=m', ...sets].join(','),
];

const render = (cluster, ...sets) =>
  call(helm(), [
    'template',
    'check',
    chart,
    '--kube-version',
    `${cluster}.0`,
    ...values('podMonitor.enabled=true', ...sets),
  ]);

const rendered = (cluster, kind) => {
  const { ok, text, stdout } = render(cluster, `autoscaling.kind=${kind}`, 'existingSecret.tls=t');
  if (!ok) return { ok, text };
  const file = join(folder, `${cluster}-${kind}.yaml`);
  writeFileSync(file, stdout);
  const { program, args, env } = kubernetesValidate();
  const answer = call(program, [...args, '--strict', '-k', cluster, file], { env });
  const passed = (answer.text.match(/ passed /g) ?? []).length;
  return { ok: answer.ok && passed >= 17, text: answer.ok ? `${passed} resources\n${answer.text}` : answer.text };
};

const refused = (what, ...sets) => [
  `the chart refuses ${what}`,
  () => {
    const { ok, text } = render('1.31', ...sets);
    return { ok: !ok, text: ok ? 'it was taken' : text };
  },
];

const checks = [
  [
    'docker-compose.yml, by the parser of Compose',
    () => call(composeParser(), ['-no-interpolation', 'docker-compose.yml']),
  ],
  ['prepare.sh, by a shell', () => call('sh', ['-n', 'infra/compose/prepare.sh'])],
  ...['infra/compose/prometheus', 'infra/up'].flatMap((where) => [
    [
      `${where}/prometheus.yml`,
      () => call(promtool(), ['check', 'config', '--syntax-only', `${where}/prometheus.yml`]),
    ],
    [`${where}/alerts.yml`, () => call(promtool(), ['check', 'rules', `${where}/alerts.yml`])],
    [`${where}: what the alerts do`, () => call(promtool(), ['test', 'rules', `${where}/alerts.test.yml`])],
  ]),
  ['the chart, by helm lint', () => call(helm(), ['lint', '--strict', chart, ...values()])],
  ...CLUSTERS.flatMap((cluster) =>
    ['none', 'hpa', 'keda'].map((kind) => [`Kubernetes ${cluster}, scaling: ${kind}`, () => rendered(cluster, kind)]),
  ),
  refused('to run without its secrets', 'existingSecret.settings='),
  refused('a value that it does not know', 'roles.processor.replica=3'),
  refused('a stage without a process', 'roles.loader.replicas=0'),
  refused('a secret among its values', 'env.TRIBUTARY_MASTER_KEY=x'),
  refused('an image by the name of latest', 'image.tag=latest'),
];

let failed = 0;
try {
  for (const [name, check] of checks) {
    const { ok, text } = check();
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name}\n`);
    if (ok) continue;
    failed += 1;
    process.stdout.write(`${text.trim()}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${checks.length} checks, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
