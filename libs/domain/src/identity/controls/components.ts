import { SubjectId } from '@tributary/kernel';
import { resolve } from '../resolve.js';
import { type Component, type Evidence, type IdentityNode, type IdentityRules, type ManualLink } from '../types.js';

export const subject = (n: number): SubjectId => SubjectId(`s_${n.toString(16).padStart(32, '0')}`);
export const [ann, ben, annPhone, benPhone, tablet, kiosk] = [1, 2, 3, 4, 5, 6].map(subject) as [
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
];

export const rules: IdentityRules = {
  version: 'identity-test',
  types: {
    member_no: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 },
    phone: { priority: 1, maxPerCustomer: 2, sharedAbove: 1 },
    device: { priority: 2, maxPerCustomer: 3, sharedAbove: 2 },
  },
  blocked: new Set([subject(0)]),
};

export const node = (subject: SubjectId, type: string, firstSeen = 0): IdentityNode => ({ subject, type, firstSeen });
export const seen = (a: SubjectId, b: SubjectId, at: number): Evidence => ({ a, b, at, id: `t${at}` });
export const said = (kind: ManualLink['kind'], a: SubjectId, b: SubjectId, at: number): ManualLink => ({
  kind,
  a,
  b,
  at,
  id: `m${at}`,
});

/** Members of each customer, in order. */
export const people = (component: Component, by: IdentityRules = rules): readonly (readonly SubjectId[])[] =>
  resolve(component, by)
    .customers.map(({ subjects }) => subjects)
    .toSorted((x, y) => ((x[0] ?? '') < (y[0] ?? '') ? -1 : 1));
