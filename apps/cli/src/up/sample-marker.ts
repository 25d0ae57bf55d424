import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant } from '@tributary/kernel';

/** `<data>/sample.json`: which sample a data folder was fed. The same values give the same touchpoints again. */
export interface SampleMarker {
  readonly seed: number;
  readonly customers: number;
  /** Where its history ends. Kept from before the first touchpoint: another end would be another history under the same ids. */
  readonly until: Instant;
  readonly isFed: boolean;
}

const SEED = 20_250_101;
const CUSTOMERS = 2_000;
/** One of the sample's people with whom much has happened, by whatever day its history ends. */
export const SAMPLE_MEMBER = 'M101162';

const fileIn = (dataDir: string): string => join(dataDir, 'sample.json');

/** The folder's marker; a new one is written before anything is fed. */
export const sampleMarker = async (dataDir: string, now: Instant): Promise<SampleMarker> => {
  const known = await readSampleMarker(dataDir);
  if (known) return known;
  const fresh = { seed: SEED, customers: CUSTOMERS, until: now, isFed: false };
  await writeMarker(dataDir, fresh);
  return fresh;
};

export const readSampleMarker = async (dataDir: string): Promise<SampleMarker | undefined> => {
  try {
    const { seed, customers, until, isFed } = JSON.parse(
      await readFile(fileIn(dataDir), 'utf8'),
    ) as Partial<SampleMarker>;
    if (typeof seed === 'number' && typeof customers === 'number' && typeof until === 'number')
      return { seed, customers, until, isFed: isFed === true };
  } catch {
    // None yet, or cut off by a crash before anything was fed.
  }
  return undefined;
};

export const markFed = (dataDir: string, marker: SampleMarker): Promise<void> =>
  writeMarker(dataDir, { ...marker, isFed: true });

const writeMarker = async (dataDir: string, marker: SampleMarker): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${fileIn(dataDir)}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(marker, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, fileIn(dataDir));
};
