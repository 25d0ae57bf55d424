/**
 * The rows of an answer: an object each for JSONEachRow (64-bit integers as numbers, decimals as texts); for any other
 * format one row, which is the text itself.
 */
export const rowsOfText = <Row>(text: string, format = 'JSONEachRow'): readonly Row[] => {
  if (format !== 'JSONEachRow') return [text as Row];
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.map((line) => JSON.parse(line) as Row);
};
