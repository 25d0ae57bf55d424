/**
 * Most of what it takes to start a broker is the loading of some thousand classes. A JVM that finds them parsed and laid out in an
 * archive (AppCDS) needs a third of the CPU for it, and suites start brokers again and again.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another Java would not take it. */
const javaHere = () => {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return createHash('sha256').update(stderr).digest('hex').slice(0, 12);
};

/**
 * The archive of what a broker loads, made once beside the libraries: `startedOnce(dir, flags)` starts one over a folder with these
 * further flags of the JVM, and ends it orderly. `[]` where a Java makes none.
 */
export const sharedClasses = async (libraries, startedOnce) => {
  const archive = `${libraries}.${javaHere()}.jsa`;
  if (!existsSync(archive)) {
    // Beside its place first: half an archive must not look like a whole one, nor two that are made at once be mixed.
    const partial = `${archive}.${process.pid}`;
    const dir = mkdtempSync(join(tmpdir(), 'tributary-kafka-classes-'));
    try {
      await startedOnce(dir, [`-XX:ArchiveClassesAtExit=${partial}`]);
      if (existsSync(partial)) renameSync(partial, archive);
    } finally {
      rmSync(partial, { force: true });
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
};
