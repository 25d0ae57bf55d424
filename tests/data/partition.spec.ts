import { describe, expect, it } from '@jest/globals';
import { agreementDifferences, agreementOf } from './partition.js';

const grouping = (groups: string): ReadonlyMap<string, string> =>
  new Map(groups.split(' ').flatMap((group) => [...group].map((record) => [record, group] as const)));

describe('the agreement of two groupings', () => {
  it('is whole where they are the same, whatever the groups are called', () => {
    const agreement = agreementOf(new Map([...'abc'].map((record) => [record, 'x'])), grouping('abc'));
    expect(agreement).toMatchObject({ records: 3, groups: 1, exact: 1, precision: 1, recall: 1 });
    expect(agreementDifferences(agreement)).toEqual([]);
  });

  it('loses recall where one person is two customers', () => {
    const agreement = agreementOf(grouping('ab c d'), grouping('abc d'));
    expect(agreement).toMatchObject({ groups: 2, exact: 1, both: 1, found: 1, truth: 3, precision: 1, recall: 1 / 3 });
    expect(agreementDifferences(agreement)).toHaveLength(2);
  });

  it('loses precision where strangers are one customer', () => {
    const agreement = agreementOf(grouping('abcd'), grouping('ab cd'));
    expect(agreement).toMatchObject({ groups: 2, exact: 0, both: 2, found: 6, truth: 2, precision: 1 / 3, recall: 1 });
    expect(agreementDifferences(agreement)).toHaveLength(2);
  });

  it('counts people whose groups are of the right size with the wrong records as wrong', () => {
    expect(agreementOf(grouping('ac bd'), grouping('ab cd'))).toMatchObject({ exact: 0, both: 0 });
  });
});
