import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { roles } from '../../apps/server/src/distributed/role.js';
import { parseCompose, root, roleServices, textOf } from './compose-file.js';
import { metricNames, metricsAsked } from './metric-names.js';

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const folder = 'infra/compose/grafana/dashboards';
const dashboards = readdirSync(join(root, folder)).map((name) => JSON.parse(textOf(`${folder}/${name}`)) as Dashboard);
const alertsIn = (path: string) =>
  (
    parse(textOf(path)) as {
      readonly groups: readonly {
        readonly rules: readonly {
          readonly alert: string;
          readonly expr: string;
          readonly labels: { readonly severity: string };
        }[];
      }[];
    }
  ).groups.flatMap(({ rules }) => rules);
const alerts = alertsIn('infra/compose/prometheus/alerts.yml');
const alertsOfUp = alertsIn('infra/up/alerts.yml');
const scaledBy = (
  parse(textOf('infra/helm/tributary/values.yaml')) as {
    readonly autoscaling: {
      readonly externalMetric: { readonly name: string };
      readonly keda: { readonly query: string };
    };
  }
).autoscaling;

const expressions: readonly (readonly [string, string])[] = [
  ...dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`${uid}: ${title}`, expr] as const)),
  ),
  ...alerts.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...alertsOfUp.map(({ alert, expr }) => [`alert ${alert} of up`, expr] as const),
  ['KEDA', scaledBy.keda.query],
  ['external metric', scaledBy.externalMetric.name],
];

describe('dashboards, alerts and scaling', () => {
  it.each(expressions)('%s asks for what the roles expose', async (_where, expression) => {
    const known = await metricNames();
    const asked = metricsAsked(expression);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('ask the source that is provisioned', () => {
    const { datasources } = parse(textOf('infra/compose/grafana/provisioning/datasources/prometheus.yml')) as {
      readonly datasources: readonly { readonly uid: string }[];
    };
    const uids = new Set(dashboards.flatMap(({ panels }) => panels.map(({ datasource }) => datasource.uid)));
    expect([...uids]).toEqual(datasources.map(({ uid }) => uid));
  });

  it('have a name each', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
    for (const rules of [alerts, alertsOfUp]) expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

it('tells of each role when all of it is gone', () => {
  const away = alerts.find(({ alert }) => alert === 'RoleAway');
  const absent = [...(away?.expr ?? '').matchAll(/absent\(up\{job="tributary", role="(\w+)"\}\)/g)].map(
    ([, role]) => role,
  );
  expect(absent.sort()).toEqual([...roles].sort());
});

describe('whoever is called by an alert', () => {
  const guide = textOf('docs/guide/alerts.md');
  const [before = '', ofUp = '', ofRoles = '', ofBoth = ''] = guide.split(/^## .*$/m);
  const told = (part: string) => [...part.matchAll(/^\| (`.*?) +\|( [^|]*\|)?/gm)];
  const named = (part: string) => told(part).flatMap(([, names = '']) => names.match(/\w+/g) ?? []);

  it('is told what to do, by either kind of platform', () => {
    expect(before).toContain('infra/up');
    const both = named(ofBoth);
    expect([...named(ofUp), ...both].sort()).toEqual(alertsOfUp.map(({ alert }) => alert).sort());
    expect([...named(ofRoles), ...both].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it.each([
    ['up', ofUp, alertsOfUp],
    ['roles', ofRoles, alerts],
  ] as const)('is told of %s which of them page', (_of, part, rules) => {
    const pages = told(part).flatMap(([, names = '', page = '']) =>
      (names.match(/\w+/g) ?? []).filter(() => page.includes('yes')),
    );
    expect(pages.sort()).toEqual(
      rules
        .filter(({ labels }) => labels.severity === 'page')
        .map(({ alert }) => alert)
        .sort(),
    );
  });
});

it('of up are none of roles, which page for each role that is not there', () => {
  for (const { expr } of alertsOfUp)
    expect([...expr.matchAll(/job="([\w-]+)"/g)].map(([, job]) => job)).not.toContain('tributary');
  for (const { expr } of alertsOfUp) expect(expr).toContain('job="tributary-up"');
});

describe('prometheus.yml', () => {
  it('scrapes every role at its port, with the key that it is given', () => {
    const { scrape_configs } = parse(textOf('infra/compose/prometheus/prometheus.yml')) as {
      readonly scrape_configs: readonly {
        readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[];
        readonly authorization: { readonly credentials_file: string };
      }[];
    };
    const compose = parseCompose(textOf('docker-compose.yml'));
    const scraped = scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs);
    expect(scraped.flatMap(({ names }) => names).sort()).toEqual([...roleServices(compose).keys()].sort());
    expect([...roleServices(compose).values()].map((service) => Number(service.environment?.['PORT']))).toEqual(
      Array(5).fill(scraped[0]?.port),
    );
    const secrets = compose.services['prometheus']?.secrets?.map(({ source }) => `/run/secrets/${source}`);
    expect(scrape_configs.map(({ authorization }) => authorization.credentials_file)).toEqual(secrets);
  });
});

describe('what an expression asks for', () => {
  it.each([
    ['sum by (role) (up{job="tributary"})', ['up']],
    ['histogram_quantile(0.9, sum by (le) (rate(a_bucket{b="c_d"}[5m]))) > 1', ['a_bucket']],
    ['max(a) > 0 and on () sum(rate(b_total[5m])) == 0', ['a', 'b_total']],
  ])('%s', (expression, names) => {
    expect(metricsAsked(expression)).toEqual(names);
  });
});
