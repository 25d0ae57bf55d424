import { type BatchTaken, channelOf, type CustomerRecord, type Track, tracks } from '@tributary/domain';
import { type DocumentStore, type DocumentWrite } from '@tributary/kernel';

/** Counts that a person looks at first; kept by adding and taking away, and equal to counting everything. */
export interface Census {
  customers: number;
  touchpoints: number;
  standing: Record<Track, Record<string, number>>;
  channels: Record<string, { accepted: number; duplicates: number; quarantined: number }>;
}

export const emptyCensus = (): Census => ({
  customers: 0,
  touchpoints: 0,
  standing: { relationship: {}, buyer: {}, tier: {} },
  channels: {},
});

/** Its place among the checkpoints. */
export const CENSUS = 'census';

/** As it stands among the documents; empty before the first batch. */
export const readCensus = async (documents: Pick<DocumentStore, 'get'>): Promise<Census> => {
  const [census] = await documents.get('checkpoint', [CENSUS]);
  return census ? (JSON.parse(census.body) as Census) : emptyCensus();
};

/** As it is written down at the position of the last event that it counts. */
export const censusWrite = (census: Census, position: number): DocumentWrite => ({
  kind: 'checkpoint',
  key: CENSUS,
  version: position,
  body: JSON.stringify(census),
});

export type Standings = Readonly<Record<Track, string | undefined>>;

export const standingsOf = (customer: CustomerRecord | null): Standings | null => {
  if (!customer) return null;
  const standings: Record<Track, string | undefined> = { relationship: undefined, buyer: undefined, tier: undefined };
  for (let i = customer.course.length - 1; i >= 0; i--) {
    const { track, to } = customer.course[i] as { track: Track; to: string };
    standings[track] ??= to;
  }
  return standings;
};

/** Moves one customer from where it stood to where it stands. `null`: it did, or does, not stand at all. */
export const recount = (census: Census, before: Standings | null, after: Standings | null): void => {
  census.customers += (after ? 1 : 0) - (before ? 1 : 0);
  for (const track of tracks) {
    const counts = census.standing[track];
    const from = before?.[track];
    const to = after?.[track];
    if (from === to) continue;
    if (from !== undefined) {
      const left = (counts[from] ?? 0) - 1;
      if (left > 0) counts[from] = left;
      else delete counts[from];
    }
    if (to !== undefined) counts[to] = (counts[to] ?? 0) + 1;
  }
};

/** Adds a batch that was taken. */
export const countBatch = (census: Census, { topic, accepted, duplicates, quarantined }: BatchTaken): void => {
  const channel = (census.channels[channelOf(topic)] ??= { accepted: 0, duplicates: 0, quarantined: 0 });
  channel.accepted += accepted;
  channel.duplicates += duplicates.length;
  channel.quarantined += quarantined.length;
  census.touchpoints += accepted;
};
