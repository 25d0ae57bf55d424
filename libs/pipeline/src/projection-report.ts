export interface ProjectionReport {
  readonly name: string;
  /** `not_compared`: nothing is known of it, and `difference` says why. */
  readonly outcome: 'equal' | 'different' | 'not_compared';
  /** Compared, and equal. */
  readonly equal: boolean;
  /** Records on the live side. */
  readonly rows: number;
  /** What differs first, by key, if anything does. Never a value. */
  readonly difference?: string;
}

export interface VerifyReport {
  /** The worst of its projections: different before not compared before equal. */
  readonly outcome: ProjectionReport['outcome'];
  readonly equal: boolean;
  readonly position: number;
  readonly projections: readonly ProjectionReport[];
}

/** Of many: different before not compared before equal. */
export const outcomeOf = (projections: readonly Pick<ProjectionReport, 'outcome'>[]): ProjectionReport['outcome'] => {
  const outcomes = new Set(projections.map(({ outcome }) => outcome));
  return outcomes.has('different') ? 'different' : outcomes.has('not_compared') ? 'not_compared' : 'equal';
};

export const reportOf = (position: number, projections: readonly ProjectionReport[]): VerifyReport => {
  const outcome = outcomeOf(projections);
  return { outcome, equal: outcome === 'equal', position, projections };
};

export const equalTo = (name: string, rows: number): ProjectionReport => ({
  name,
  outcome: 'equal',
  equal: true,
  rows,
});
export const differentFrom = (name: string, rows: number, difference: string): ProjectionReport => ({
  name,
  outcome: 'different',
  equal: false,
  rows,
  difference,
});

export const notCompared = (name: string, rows: number, why: string): ProjectionReport => ({
  name,
  outcome: 'not_compared',
  equal: false,
  rows,
  difference: `not compared: ${why}`,
});
