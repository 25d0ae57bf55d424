const formula = /^="([^"]*)"$/;
/** Long enough that no spreadsheet shows it in full as a number, or with zeros in front that it would drop. */
const apostrophe = /^'(\d{5,})'?$/;

/**
 * The text that a spreadsheet was to keep from becoming a number: `="00123456"` and `'13812345678`, as shops export ids. Left as they
 * are they would be other ids than the ones that every other channel names.
 */
export const withoutSpreadsheetMarks = (cell: string): string => {
  const first = cell.charCodeAt(0);
  // An equals sign or an apostrophe; all else is what it is, and looked at no further.
  if (first !== 61 && first !== 39) return cell;
  return (formula.exec(cell) ?? apostrophe.exec(cell))?.[1] ?? cell;
};
