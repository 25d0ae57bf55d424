/** What one comparison came to. */
export interface Finding {
  /** The check that it belongs to, as `--only` names it. */
  readonly check: string;
  readonly what: string;
  /** How many things were compared. */
  readonly compared: number;
  /** What is not as it should be, in words. Any makes the run fail. */
  readonly differences: readonly string[];
  /** Figures worth seeing; nothing is asserted of them. */
  readonly figures: string;
  /** Why it could not be looked at; `null` where it was. */
  readonly skipped: string | null;
}

/** Collects findings and says each as soon as it is there. */
export class Findings {
  readonly all: Finding[] = [];

  constructor(
    readonly check: string,
    private readonly tell: (line: string) => void,
  ) {}

  add(what: string, compared: number, differences: readonly string[], figures = ''): void {
    this.say({ check: this.check, what, compared, differences, figures, skipped: null });
  }

  skip(what: string, skipped: string): void {
    this.say({ check: this.check, what, compared: 0, differences: [], figures: '', skipped });
  }

  private say(finding: Finding): void {
    this.all.push(finding);
    this.tell(`${verdict(finding)}  ${finding.check}: ${finding.what}`);
  }
}

const verdict = ({ differences, skipped }: Finding): string =>
  skipped !== null ? 'skipped' : differences.length === 0 ? 'equal' : 'DIFFERENT';

const grouped = (n: number): string => n.toLocaleString('en');

/** How many of the differences of one finding are written out. */
const SHOWN = 8;

export const findingsText = (findings: readonly Finding[]): string => {
  const rows = [
    ['CHECK', 'WHAT', 'COMPARED', '', 'FIGURES'],
    ...findings.map((finding) => [
      finding.check,
      finding.what,
      grouped(finding.compared),
      finding.differences.length > 0 ? `${grouped(finding.differences.length)} DIFFERENT` : verdict(finding),
      finding.skipped ?? finding.figures,
    ]),
  ];
  const width = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 2 ? cell.padStart(width[i] ?? 0) : cell.padEnd(width[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const wrong = findings.flatMap(({ check, what, differences }) =>
    differences.length === 0
      ? []
      : [
          `\n${check}: ${what}`,
          ...differences.slice(0, SHOWN).map((difference) => `  ${difference}`),
          ...(differences.length > SHOWN ? [`  and ${grouped(differences.length - SHOWN)} more`] : []),
        ],
  );
  return `${[...rows.map(line), ...wrong].join('\n')}\n`;
};

/** One difference if the two are not the same, else none. */
export const unless = <T>(found: T, expected: T, what: string): string[] =>
  Object.is(found, expected) ? [] : [`${what}: found ${String(found)}, expected ${String(expected)}`];
