import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const root = join(import.meta.dirname, '..', '..');
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export interface MountedSecret {
  readonly source: string;
  readonly mode?: number;
}

export interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly secrets?: readonly MountedSecret[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] } | undefined;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly cpus?: string; readonly memory?: string } } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly environment?: string }>>;
}

export const parseCompose = (text: string): ComposeFile => parse(text, { merge: true }) as ComposeFile;

/** The roles' services, by what they are told to run. */
export const roleServices = ({ services }: ComposeFile): ReadonlyMap<string, Service> =>
  new Map(
    Object.values(services).flatMap((service): readonly (readonly [string, Service])[] => {
      const [run, role] = service.command ?? [];
      return run === 'run' && role !== undefined ? [[role, service]] : [];
    }),
  );

const isPinned = (image: string): boolean => /:v?\d+\.\d+[\w.-]*$/.test(image) || /@sha256:[0-9a-f]{64}$/.test(image);
const fromOutside = /^\$\{[A-Z_]+:\?[^}]+\}$/;
const named = /(PASSWORD|SECRET|TOKEN|AUTH|_KEY)$/;
const credentials = /:\/\/[^/@\s]*:([^@\s]*)@/;

/** A secret, or a URL's password, stands in the file only by the name of what holds it. */
const tellsSecret = (name: string, value: string): boolean =>
  (named.test(name) && !fromOutside.test(value)) || !fromOutside.test(credentials.exec(value)?.[1] ?? '${A:?none}');

function* serviceProblems(name: string, service: Service, file: ComposeFile): Generator<string> {
  const { image = '', build, environment = {}, deploy } = service;
  if (build === undefined && !isPinned(image)) yield `${name}: its image is not pinned: ${image}`;
  if (service.healthcheck === undefined) yield `${name}: has no health check`;
  if (service.restart === undefined) yield `${name}: is not started again when it ends`;
  const limits = deploy?.resources?.limits;
  if (limits?.cpus === undefined || limits.memory === undefined) yield `${name}: has no limits`;
  for (const port of service.ports ?? [])
    if (!port.startsWith('127.0.0.1:')) yield `${name}: port ${port} is open to the network`;
  for (const [key, value] of Object.entries(environment))
    if (tellsSecret(key, String(value))) yield `${name}: ${key} holds a secret`;
  yield* referenceProblems(name, service, file);
}

function* referenceProblems(name: string, service: Service, file: ComposeFile): Generator<string> {
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    if (!(other in file.services)) yield `${name}: depends on ${other}, which is not there`;
    if (condition !== 'service_healthy') yield `${name}: does not wait until ${other} is healthy`;
  }
  for (const network of service.networks ?? []) if (!(network in file.networks)) yield `${name}: no network ${network}`;
  for (const { source, mode } of service.secrets ?? []) {
    if (!(source in file.secrets)) yield `${name}: no secret ${source}`;
    if (mode === undefined) yield `${name}: nobody but root may be able to read ${source}`;
  }
  for (const volume of service.volumes ?? []) {
    const [source = ''] = volume.split(':');
    if (source.startsWith('.') ? !existsSync(join(root, source)) : !(source in file.volumes))
      yield `${name}: no volume ${source}`;
  }
}

function* unusedProblems({ services, volumes, networks }: ComposeFile): Generator<string> {
  const all = Object.values(services);
  const mounted = new Set(all.flatMap((service) => service.volumes ?? []).map((volume) => volume.split(':')[0]));
  for (const volume of Object.keys(volumes)) if (!mounted.has(volume)) yield `volume ${volume} is not used`;
  const joined = new Set(all.flatMap((service) => service.networks ?? []));
  for (const network of Object.keys(networks)) if (!joined.has(network)) yield `network ${network} is not used`;
}

/** What is wrong with a compose file, in words; what Compose itself would refuse is found by its own parser. */
export const composeProblems = (file: ComposeFile): readonly string[] => [
  ...Object.entries(file.services).flatMap(([name, service]) => [...serviceProblems(name, service, file)]),
  ...unusedProblems(file),
];

/** Names that the file leaves to the environment and does not start without. */
export const neededNames = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name ?? ''));
