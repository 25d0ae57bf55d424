import { describe, expect, it } from '@jest/globals';
import { subjectStream } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
import { identifierOf, type Named, openDesk } from './controls/desk.js';

const PHONE: Named[number] = ['phone', '+8613900138777'];
const EMAIL: Named[number] = ['email', 'b@example.com'];
const USER: Named[number] = ['user_id', 'u-b'];
const phone = identifierOf(...PHONE).subject;

/** A member number whose subject is larger: of two seen at once the smaller gives the name. */
const memberBehind = (): Named[number] => {
  for (let i = 0; ; i++) if (identifierOf('member_no', `B${i}`).subject > phone) return ['member_no', `B${i}`];
};
const A: Named[number] = ['member_no', 'ZQA1'];
const B = memberBehind();

const opened = async () => {
  const desk = await openDesk();
  const { documents, events } = desk.store;
  return {
    ...desk,
    erase: async (named: Named[number]) => desk.order({ type: 'erase', customer: await desk.holder(...named) }),
    /** Whether any document holds the value in clear. */
    isHeld: async (value: string): Promise<boolean> => {
      for (const kind of ['subject', 'activity', 'customer'] as const)
        if ((await documents.scan(kind, '', 1_000)).some(({ body }) => body.includes(value))) return true;
      return false;
    },
    typesIn: async (stream: string) => (await events.readStream(stream, 0, 100)).map(({ type }) => type),
  };
};

describe('an erasure', () => {
  it('is said of every identifier of the customer, also of the one that it is named after and that was only ever named', async () => {
    const desk = await opened();
    await desk.call(0, [B, PHONE, EMAIL]);
    expect(await desk.holder(...B)).toBe(customerNamedAfter(phone));
    expect(await desk.erase(B)).toMatchObject({ status: 'done' });
    for (const named of [B, PHONE, EMAIL])
      expect((await desk.typesIn(subjectStream(identifierOf(...named).subject))).at(-1)).toBe('SubjectErased');
    expect(await desk.customers()).toEqual([]);
    expect(await desk.isAsRebuilt()).toBe(true);

    await desk.call(500, [PHONE]);
    expect(await desk.customers()).toMatchObject([{ id: customerNamedAfter(phone), subjects: [phone] }]);
    expect(await desk.isAsRebuilt()).toBe(true);
    // Again, of who has its own touchpoints by now.
    expect(await desk.erase(PHONE)).toMatchObject({ status: 'done' });
    expect(await desk.customers()).toEqual([]);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('takes the identifiers out of what others know, until they are named again', async () => {
    const desk = await opened();
    await desk.call(0, [A]);
    await desk.call(1, [B, PHONE]);
    // Two member numbers are two persons: both links are refused.
    await desk.call(2, [A, B, PHONE]);
    expect(await desk.customers()).toHaveLength(2);
    await desk.erase(B);
    for (const [, value] of [B, PHONE]) expect(await desk.isHeld(value)).toBe(false);
    expect(await desk.isHeld(A[1])).toBe(true);
    expect(await desk.isAsRebuilt()).toBe(true);

    await desk.call(3, [A, PHONE]);
    expect(await desk.isHeld(PHONE[1])).toBe(true);
    expect(await desk.holder(...PHONE)).toBe(await desk.holder(...A));
    expect(await desk.isHeld(B[1])).toBe(false);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('leaves an identifier with the customer that holds it, though a rebuild reads of nobody any more why it does', async () => {
    const desk = await opened();
    await desk.call(1, [USER, EMAIL]);
    await desk.order({ type: 'unmerge', customer: await desk.holder(...USER), subject: identifierOf(...USER).subject });
    await desk.call(0, [A]);
    await desk.call(2, [A, EMAIL]);
    expect(await desk.holder(...EMAIL)).toBe(await desk.holder(...A));
    await desk.erase(USER);
    expect(await desk.holder(...EMAIL)).toBe(await desk.holder(...A));
    await desk.erase(A);
    expect(await desk.isAsRebuilt()).toBe(true);

    await desk.call(500, [EMAIL]);
    expect(await desk.holder(...EMAIL)).toBe(customerNamedAfter(identifierOf(...EMAIL).subject));
    expect(await desk.isAsRebuilt()).toBe(true);
  });
});
