const rounded = (value) =>
  value >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** A line of the table for people; whoever counts on it takes `--json`. */
export const lineOf = ({ name, value, unit, ratio, ratio_to }) =>
  [
    name.padEnd(46),
    rounded(value).padStart(10),
    ` ${unit.padEnd(14)}`,
    ratio === null ? '' : ` ${ratio.toFixed(2)} × ${ratio_to}`,
  ]
    .join('')
    .trimEnd();
