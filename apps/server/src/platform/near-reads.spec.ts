import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EngineError, type CustomerId } from '@tributary/kernel';
import { BeyondReach } from '@tributary/embedded';
import { InvalidIdentifierError, type Profiles, type Today } from '@tributary/query';
import { type Profile } from '@tributary/domain';
import { readNear } from './near-reads.js';

const id = 'c_1' as CustomerId;
const profile = { customerId: id } as unknown as Profile;

/** A read side of which it is told who was asked. */
const asked = (near: () => Promise<Profile | undefined>) => {
  const whom: string[] = [];
  const here: Today = {
    findByIdentifier: async () => (whom.push('near'), near()),
    get: async () => (whom.push('near'), near()),
  };
  const there = async (): Promise<Profile> => (whom.push('far'), profile);
  const far = { findByIdentifier: there, get: there, timeline: there, explain: there, list: there };
  return { whom, profiles: readNear(here, far as unknown as Profiles) };
};

describe('customers read near', () => {
  it('as of now are read on the spot', async () => {
    const { whom, profiles } = asked(async () => profile);
    await expect(profiles.get(id)).resolves.toBe(profile);
    await nextTurn();
    await expect(profiles.findByIdentifier('phone', '+8613800000000', {})).resolves.toBe(profile);
    expect(whom).toEqual(['near', 'near']);
  });

  it('as of then, and all that is more than a customer, are read on the thread of reads', async () => {
    const { whom, profiles } = asked(async () => profile);
    await profiles.get(id, { asOf: 1 });
    await profiles.findByIdentifier('phone', '+8613800000000', { knownAt: 1 });
    await profiles.timeline(id, { limit: 1 });
    await profiles.explain(id, 'value.net');
    await profiles.list({ limit: 1 });
    expect(whom).toEqual(['far', 'far', 'far', 'far', 'far']);
  });

  it.each([
    ['too large to be read here', new BeyondReach()],
    ['a store that does not answer', new EngineError('embedded', 'retriable', 'database is locked')],
  ])('go to the thread of reads: %s', async (_, error) => {
    const { whom, profiles } = asked(() => Promise.reject(error));
    await expect(profiles.get(id)).resolves.toBe(profile);
    expect(whom).toEqual(['near', 'far']);
  });

  it('pass on what is wrong with the question', async () => {
    const { whom, profiles } = asked(() =>
      Promise.reject(new InvalidIdentifierError({ invalid: 'not a phone' } as never)),
    );
    await expect(profiles.findByIdentifier('phone', 'x')).rejects.toThrow(InvalidIdentifierError);
    expect(whom).toEqual(['near']);
  });

  it('that come at once take no more than their share of a turn', async () => {
    const { whom, profiles } = asked(async () => {
      for (const began = performance.now(); performance.now() - began < 0.6;);
      return profile;
    });
    await Promise.all(Array.from({ length: 6 }, () => profiles.get(id)));
    expect(whom.filter((one) => one === 'near').length).toBeLessThanOrEqual(2);
    expect(whom).toHaveLength(6);
    await nextTurn();
    await profiles.get(id);
    expect(whom.at(-1)).toBe('near');
  });
});
