import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's root: three folders up, from `src` and from `dist` alike. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Folder of the published schemas and of `registry.json`. */
export const shippedSchemas = join(root, 'schemas');
/** The identity rules that the project ships. */
export const shippedIdentityRules = join(root, 'rules', 'identity.yaml');
export const shippedLifecycleRules = join(root, 'rules', 'lifecycle.yaml');
export const shippedTierRules = join(root, 'rules', 'tiers.yaml');
