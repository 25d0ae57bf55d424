import { describe, expect, it } from '@jest/globals';
import { customerNamedAfter } from '@tributary/kernel';
import {
  ann,
  annPhone,
  ben,
  benPhone,
  kiosk,
  node,
  people,
  rules,
  said,
  seen,
  subject,
  tablet,
} from './controls/components.js';
import { resolve } from './resolve.js';
import { type Component } from './types.js';

describe('who is one customer', () => {
  const household: Component = {
    nodes: [
      node(ann, 'member_no', 50),
      node(ben, 'member_no', 60),
      node(annPhone, 'phone', 10),
      node(benPhone, 'phone', 20),
      node(tablet, 'device', 30),
    ],
    evidence: [seen(ann, annPhone, 100), seen(ben, benPhone, 110), seen(ann, tablet, 120), seen(ben, tablet, 130)],
    manual: [],
  };

  it('joins what evidence ties together, and names the customer after the one first seen', () => {
    const { customers } = resolve({ ...household, evidence: [seen(ann, annPhone, 100)] }, rules);
    expect(customers.find(({ subjects }) => subjects.includes(ann))).toEqual({
      id: customerNamedAfter(annPhone),
      subjects: [ann, annPhone],
    });
  });

  it('gives a tablet of two members to the first, and says why the second did not get it', () => {
    const { customers, refused } = resolve(household, rules);
    expect(customers.map(({ subjects }) => subjects)).toEqual([
      [ann, annPhone, tablet],
      [ben, benPhone],
    ]);
    expect(refused).toEqual([{ ...seen(ben, tablet, 130), reason: 'too_many_of_type', type: 'member_no' }]);
  });

  it('decides again when earlier evidence arrives late', () => {
    expect(people({ ...household, evidence: [...household.evidence, seen(tablet, ben, 5)] })).toEqual([
      [ann, annPhone],
      [ben, benPhone, tablet],
    ]);
  });

  it('lets a manual merge outrank limits, and unmerge restore both sides', () => {
    const merged = { ...household, manual: [said('merge', ann, ben, 200)] };
    expect(people(merged)).toEqual([[ann, ben, annPhone, benPhone, tablet]]);
    const unmerged = { ...merged, manual: [...merged.manual, said('keep_apart', ben, ann, 300)] };
    expect(people(unmerged)).toEqual(people(household));
  });

  it('unmerges exactly what came after the merge, too', () => {
    const after = [...household.evidence, seen(ben, subject(9), 250)];
    const nodes = [...household.nodes, node(subject(9), 'device', 250)];
    const manual = [said('merge', ann, ben, 200), said('keep_apart', ann, ben, 300)];
    expect(people({ nodes, evidence: after, manual })).toEqual([
      [ann, annPhone, tablet],
      [ben, benPhone, subject(9)],
    ]);
  });

  it('takes the newest word on a pair, whatever the order of its ends', () => {
    const manual = [said('keep_apart', ann, annPhone, 300), said('merge', annPhone, ann, 400)];
    expect(people({ ...household, manual })[0]).toContain(annPhone);
    const { refused } = resolve({ ...household, manual: manual.slice(0, 1) }, rules);
    expect(refused[0]).toEqual({ ...seen(ann, annPhone, 100), reason: 'kept_apart', type: null });
  });

  it('keeps a pair apart even on the way over a third', () => {
    const manual = [said('merge', ann, tablet, 1), said('merge', tablet, ben, 2), said('keep_apart', ann, ben, 3)];
    const { customers, refused } = resolve({ ...household, evidence: [], manual }, rules);
    expect(customers.find(({ subjects }) => subjects.includes(tablet))?.subjects).toEqual([ann, tablet]);
    expect(refused).toEqual([{ a: tablet, b: ben, at: 2, id: 'm2', reason: 'kept_apart', type: null }]);
  });

  it('takes no device for shared that was seen with each identifier of one person', () => {
    const [phone, other] = [annPhone, benPhone];
    const component: Component = {
      nodes: [node(ann, 'member_no'), node(phone, 'phone'), node(other, 'phone'), node(tablet, 'device')],
      evidence: [seen(ann, tablet, 1), seen(phone, tablet, 2), seen(other, tablet, 3)],
      manual: [],
    };
    expect(people(component)).toEqual([[ann, phone, other, tablet]]);
  });

  it('lets a shared device join nobody, even those who were there first', () => {
    const visitors = [10, 11, 12].map(subject);
    const { customers, refused } = resolve(
      {
        nodes: [node(kiosk, 'device'), ...visitors.map((visitor) => node(visitor, 'phone'))],
        evidence: visitors.map((visitor, i) => seen(visitor, kiosk, i)),
        manual: [],
      },
      rules,
    );
    expect(customers).toHaveLength(4);
    expect(refused.map(({ reason, type }) => `${reason} ${type}`)).toEqual(Array(3).fill('shared_identifier device'));
  });

  it('lets a blocked identifier, and one of a type without a rule, join nobody', () => {
    const nobody = subject(0);
    const { customers, refused } = resolve(
      {
        nodes: [node(ann, 'member_no'), node(nobody, 'phone'), node(kiosk, 'fax')],
        evidence: [seen(ann, nobody, 1), seen(ann, kiosk, 2)],
        manual: [],
      },
      rules,
    );
    expect(customers).toHaveLength(3);
    expect(refused.map(({ reason, type }) => `${reason} ${type}`)).toEqual([
      'blocked_identifier phone',
      'blocked_identifier fax',
    ]);
  });

  it('refuses a component that does not hold the ends of its links', () => {
    expect(() => resolve({ nodes: [], evidence: [seen(ann, ben, 1)], manual: [] }, rules)).toThrow(RangeError);
  });
});
