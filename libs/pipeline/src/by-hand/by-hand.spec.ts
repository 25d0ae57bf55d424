import { describe, expect, it } from '@jest/globals';
import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
import { identifierOf, type Named, openDesk } from '../controls/desk.js';
import { groups, merge, unmerge } from '../controls/desk-words.js';

const PHONE = '+8613900138777';
const OTHER_PHONE = '+8613900138778';

/** A member number whose subject is larger, or smaller, than another subject: who of two seen at once gives the name. */
const memberBeside = (prefix: string, subject: SubjectId, isLarger: boolean): string => {
  for (let i = 0; ; i++) {
    const member = `${prefix}${i}`;
    if (identifierOf('member_no', member).subject > subject === isLarger) return member;
  }
};

describe('what is said of customers by hand', () => {
  it.each([
    ['merged with it before', false],
    ['tied to it by what was said together', true],
  ])('leaves apart, where two are merged, whom one of them was parted from, though %s', async (_how, isTied) => {
    const desk = await openDesk();
    const [one, other, third]: readonly [Named[number], Named[number], Named[number]] = [
      ['member_no', 'MA'],
      ['member_no', 'MB'],
      ['email', 'c@example.com'],
    ];
    await desk.call(0, isTied ? [one, third] : [one]);
    await desk.call(1, [other]);
    await desk.call(2, [third]);
    if (!isTied) await merge(desk, one, third);
    await unmerge(desk, await desk.holder(...one), identifierOf(...third).subject);
    await merge(desk, one, other);
    expect(await groups(desk, { A: one, B: other, C: third })).toEqual(['AB', 'C']);
  });

  it('loses no touchpoint of phones that turn out to be shared after their customers were merged', async () => {
    const desk = await openDesk();
    const phones = [PHONE, OTHER_PHONE].map((value): Named[number] => ['phone', value]);
    const members = phones.map(([type, value], i): Named[number] => [
      'member_no',
      memberBeside(`M${i}-`, identifierOf(type, value).subject, true),
    ]);
    for (const i of [0, 1]) await desk.call(i, [members[i] as Named[number], phones[i] as Named[number]]);
    await merge(desk, phones[0] as Named[number], phones[1] as Named[number]);
    for (let n = 0; n < 5; n++)
      for (const i of [0, 1]) await desk.call(10 + n, [['member_no', `X${i}-${n}`], phones[i] as Named[number]]);
    await desk.call(20, [phones[0] as Named[number]]);
    await desk.call(21, [phones[1] as Named[number]]);
    expect(await desk.counted()).toBe(14);
    await desk.holder('phone', OTHER_PHONE);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('takes back all that an order said, also of those who have come to be in another customer since', async () => {
    const desk = await openDesk();
    const names = {
      A: ['member_no', 'MA'],
      B: ['member_no', 'MB'],
      P: ['phone', PHONE],
      E: ['email', 'a@example.com'],
      U: ['user_id', 'u-a'],
      V: ['user_id', 'u-b'],
      D: ['device', 'd-a'],
    } as const satisfies Record<string, Named[number]>;
    const { A, B, P, E, U, V, D } = names;
    await desk.call(1, [A, D]);
    await desk.call(3, [B, P]);
    await merge(desk, B, A);
    const { subject } = identifierOf(...A);
    await desk.order({ type: 'unmerge', customer: await desk.holder(...A), subject });
    await desk.call(1, [A, B, U]);
    await desk.call(2, [V, P, E]);
    // This merge says two things: that the two are one, and that P and A, kept apart before, are.
    await merge(desk, E, A);
    // given: A has another user's id from before, so its customer falls in two, and P is with A
    await desk.call(0, [A, V]);
    expect(await groups(desk, names)).toEqual(['ADEPV', 'BU']);
    // when
    await desk.order({
      type: 'unmerge',
      customer: await desk.holder(...B),
      subject: identifierOf(...B).subject,
    });
    // then: as if nobody had merged them
    expect(await groups(desk, names)).toEqual(['ADEV', 'BP']);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('parts who was absorbed last, and leaves what was merged before as it was', async () => {
    const desk = await openDesk();
    const names = Object.fromEntries(['A', 'B', 'C'].map((name) => [name, ['member_no', `M${name}`] as const]));
    const { A, B, C } = names as Record<'A' | 'B' | 'C', Named[number]>;
    // C was there first, so A is absorbed, with B in it: two words are on A.
    for (const [i, one] of [C, A, B].entries()) await desk.call(i, [one]);
    await merge(desk, A, B);
    const absorbed = await desk.holder(...A);
    await merge(desk, C, A);
    await unmerge(desk, await desk.holder(...C), namesakeOf(absorbed));
    expect(await groups(desk, names)).toEqual(['AB', 'C']);
    // Once more, by who had come.
    await merge(desk, C, A);
    await unmerge(desk, await desk.holder(...A), identifierOf(...C).subject);
    expect(await groups(desk, names)).toEqual(['AB', 'C']);
  });

  it('names who goes also where the one that is named stays by evidence, and whom it was merged with goes', async () => {
    const desk = await openDesk();
    const email = ['email', 'a@example.com'] as const;
    const device = ['device', 'd-a'] as const;
    const other = ['phone', PHONE] as const;
    await desk.call(10, [email]);
    await desk.call(11, [email, device]);
    await desk.call(12, [other]);
    const [mine, theirs] = [await desk.holder(...email), await desk.holder(...other)];
    await merge(desk, email, other);
    // Seen before the e-mail now, so the customer is called after the device.
    await desk.call(0, [device]);
    const customer = await desk.holder(...device);
    const outcome = await desk.order({ type: 'unmerge', customer, subject: namesakeOf(mine) });
    expect(outcome).toMatchObject({ status: 'done', customers: [customer, theirs] });
    expect(await groups(desk, { e: email, d: device, o: other })).toEqual(['de', 'o']);
  });

  it('takes back one of two merges that tie the same two persons, then the other', async () => {
    const desk = await openDesk();
    const mine: Named[number][] = [['email', 'a@example.com'], ['email', 'b@example.com']]; // prettier-ignore
    const theirs: Named[number][] = [['phone', PHONE], ['phone', OTHER_PHONE]]; // prettier-ignore
    for (const [i, one] of [...mine, ...theirs].entries()) await desk.call(10 + i, [one]);
    const former = await Promise.all(mine.map((one) => desk.holder(...one)));
    for (const i of [0, 1]) await merge(desk, mine[i] as Named[number], theirs[i] as Named[number]);
    await desk.call(20, [['member_no', 'MA'], ...mine]);
    await desk.call(21, [['member_no', 'MB'], ...theirs]);
    const names = Object.fromEntries([...mine, ...theirs].map((one, i) => ['abpq'[i] as string, one]));
    expect(await groups(desk, names)).toEqual(['abpq']);
    for (const i of [0, 1])
      await unmerge(desk, former[i] as CustomerId, identifierOf(...(theirs[i] as Named[number])).subject);
    expect(await groups(desk, names)).toEqual(['ab', 'pq']);
  });

  it('keeps apart whom it took out, also when the phone that tied the two is another person’s', async () => {
    const desk = await openDesk();
    const [A, E, C, P, F]: Named[number][] = [
      ['member_no', 'MA'],
      ['email', 'e@example.com'],
      ['member_no', 'MC'],
      ['phone', PHONE],
      ['device', 'F'],
    ];
    if (!A || !E || !C || !P || !F) throw new Error('five identifiers');
    await desk.call(10, [A, P]);
    await desk.call(11, [E, P]);
    await unmerge(desk, await desk.holder(...A), identifierOf(...E).subject);
    await desk.call(1, [C, P]);
    await desk.call(20, [A, F]);
    await desk.call(21, [E, F]);
    expect(await groups(desk, { A, E, C, P, F })).toEqual(['AF', 'CP', 'E']);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('takes back by a merge all that kept the two apart', async () => {
    const desk = await openDesk();
    const [A, E, P]: Named[number][] = [
      ['member_no', 'MA'],
      ['email', 'e@example.com'],
      ['phone', PHONE],
    ];
    if (!A || !E || !P) throw new Error('three identifiers');
    await desk.call(10, [A, P]);
    await desk.call(11, [E, P]);
    await desk.call(12, [E]);
    await unmerge(desk, await desk.holder(...A), identifierOf(...E).subject);
    expect(await groups(desk, { A, E, P })).toEqual(['AP', 'E']);
    await merge(desk, A, E);
    expect(await groups(desk, { A, E, P })).toEqual(['AEP']);
  });

  it('makes one of two also where evidence that counts again by it takes up the place of a member', async () => {
    const desk = await openDesk();
    const names: Record<'A' | 'B' | 'D', Named[number]> = {
      A: ['member_no', 'MA'],
      B: ['member_no', 'MB'],
      D: ['device', 'D'],
    };
    await desk.call(10, [names.A, names.D]);
    await desk.call(11, [names.B, names.D]);
    // Parted from A the device is B's, and B's customer called after it, who was seen first.
    await unmerge(desk, await desk.holder(...names.A), identifierOf(...names.D).subject);
    expect(await groups(desk, names)).toEqual(['A', 'BD']);
    await merge(desk, names.A, names.B);
    expect(await groups(desk, names)).toEqual(['ABD']);
    // All that was said for it is taken back, so that the device is B's again.
    await unmerge(desk, await desk.holder(...names.A), identifierOf(...names.A).subject);
    expect(await groups(desk, names)).toEqual(['A', 'BD']);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it('leaves each side whole when a merge that had to tie more is taken back', async () => {
    const desk = await openDesk();
    const names: Record<'A' | 'U' | 'V' | 'P', Named[number]> = {
      A: ['member_no', 'MA'],
      U: ['user_id', 'u-a'],
      V: ['user_id', 'u-b'],
      P: ['phone', PHONE],
    };
    const { A, U, V, P } = names;
    await desk.call(10, [U, P]);
    await desk.call(11, [A, U]);
    await unmerge(desk, await desk.holder(...U), identifierOf(...A).subject);
    await desk.call(30, [A, V]);
    await desk.call(31, [V]);
    expect(await groups(desk, names)).toEqual(['AV', 'PU']);
    // What tied A to the one user id counts again, and takes up the place of the other, which is A's by evidence.
    await merge(desk, A, U);
    expect(await groups(desk, names)).toEqual(['APUV']);
    await unmerge(desk, await desk.holder(...A), identifierOf(...A).subject);
    expect(await groups(desk, names)).toEqual(['AV', 'PU']);
    expect(await desk.isAsRebuilt()).toBe(true);
  });

  it.each(['member_no', 'email', 'other’s'] as const)(
    'takes back the merge of a person who is called after another of their identifiers (%s)',
    async (named) => {
      const desk = await openDesk();
      const names: Record<'A' | 'E' | 'B' | 'F', Named[number]> = {
        A: ['member_no', 'MA'],
        E: ['email', 'a@example.com'],
        B: ['member_no', 'MB'],
        F: ['email', 'b@example.com'],
      };
      const { A, E, B, F } = names;
      // Both are called after the e-mail address, which was seen before the card: the words of the merge are on those.
      await desk.call(10, [E]);
      await desk.call(11, [A, E]);
      await desk.call(12, [F]);
      await desk.call(13, [B, F]);
      await merge(desk, A, B);
      expect(await groups(desk, names)).toEqual(['ABEF']);
      const part = { member_no: A, email: E, 'other’s': B }[named];
      await unmerge(desk, await desk.holder(...A), identifierOf(...part).subject);
      expect(await groups(desk, names)).toEqual(['AE', 'BF']);
      expect(await desk.isAsRebuilt()).toBe(true);
    },
  );

  it('parts the two that are named, though the customer is called after the one that is to go', async () => {
    const desk = await openDesk();
    const names: Record<'A' | 'E' | 'P' | 'B', Named[number]> = {
      A: ['member_no', 'MA'],
      E: ['email', 'a@example.com'],
      P: ['phone', PHONE],
      B: ['member_no', 'MB'],
    };
    const { A, E, P, B } = names;
    await desk.call(10, [E]);
    await desk.call(11, [A, E]);
    await desk.call(12, [A, P]);
    await desk.call(13, [B]);
    await merge(desk, P, B);
    const subjectOf = (one: Named[number]): SubjectId => identifierOf(...one).subject;
    // A phone beside the e-mail address that gives the name: alone it would be taken for a stranger's.
    const customer = (await desk.holder(...P)) as CustomerId;
    expect(customer).toBe(customerNamedAfter(subjectOf(E)));
    const stranger = identifierOf('member_no', 'MC').subject;
    expect(await desk.order({ type: 'unmerge', customer, subject: subjectOf(P), stays: stranger })).toMatchObject({
      status: 'refused',
      code: 'not_a_member',
    });
    expect(await groups(desk, names)).toEqual(['ABEP']);
    await unmerge(desk, customer, subjectOf(P), subjectOf(B));
    expect(await groups(desk, names)).toEqual(['AEP', 'B']);
    await unmerge(desk, customerNamedAfter(subjectOf(A)), subjectOf(P));
    expect(await groups(desk, names)).toEqual(['AE', 'B']);
  });

  it('takes a phone that is not theirs out of a person, whoever that was merged with', async () => {
    const desk = await openDesk();
    const names: Record<'A' | 'P' | 'B', Named[number]> = {
      A: ['member_no', 'MA'],
      P: ['phone', PHONE],
      B: ['member_no', 'MB'],
    };
    const { A, P, B } = names;
    await desk.call(10, [A]);
    await desk.call(11, [A, P]);
    await desk.call(12, [P]);
    await desk.call(13, [B]);
    await merge(desk, A, B);
    await unmerge(desk, await desk.holder(...A), identifierOf(...P).subject);
    expect(await groups(desk, names)).toEqual(['AB', 'P']);
    expect(await desk.isAsRebuilt()).toBe(true);
  });
});
