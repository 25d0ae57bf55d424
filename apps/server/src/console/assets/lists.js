const MOST_SHOWN = 8;

/**
 * A list in short: its first rows, and how many are left out. One row is not worth a line that says that it is left out.
 */
export const shortened = (rows) =>
  rows.length <= MOST_SHOWN + 1
    ? { rows, leftOut: 0 }
    : { rows: rows.slice(0, MOST_SHOWN), leftOut: rows.length - MOST_SHOWN };

/** Rows in the order in which `known` names them; the others behind, as they came. */
const inOrder = (rows, nameOf, known) => {
  const place = (row) => (known.includes(nameOf(row)) ? known.indexOf(nameOf(row)) : known.length);
  return [...rows].sort((a, b) => place(a) - place(b));
};

/** `types`: strongest first. A dozen cookies must not hide the telephone. */
export const strongestFirst = (identifiers, types) => inOrder(identifiers, ({ type }) => type, types);

const NEAREST = ['name', 'gender', 'birthday', 'phone', 'email', 'occupation', 'company', 'city'];
/** Of pairs of a trait's name and value. */
export const nearestFirst = (traits) => inOrder(traits, ([name]) => name, NEAREST);
