import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A certificate of this machine that vouches for itself, for two days: PEM files in `dir`. `keystore` holds key and
 * certificate together, for those who want one file.
 */
export const selfSigned = (dir) => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [key, certificate, keystore] = ['key.pem', 'ca.pem', 'keystore.pem'].map((name) => join(dir, name));
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  writeFileSync(keystore, `${readFileSync(key, 'utf8')}${readFileSync(certificate, 'utf8')}`, { mode: 0o600 });
  return { key, certificate, keystore };
};
