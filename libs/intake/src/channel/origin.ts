import { type ColumnsOf, type JsonValue, type MappedItem, type NativeEnvelope } from './model.js';

/** More of them tell nobody where to look. */
const MOST = 3;

/** By what stands in an entry of `emit` in the channel file. */
export const columnsOf =
  (emission: unknown): ColumnsOf =>
  (field, envelope) => {
    const steps = field.split(/[.[\]]+/).filter((step) => step !== '');
    const place = placeOf({ value: emission as JsonValue, list: '' }, steps, envelope);
    const columns = place === undefined ? [] : [...new Set(columnsIn(place))];
    return columns.length <= MOST ? columns : [];
  };

/** The field as the door names it, with the columns of the file behind it: `identifiers[0].value (column "phone")`. */
export const fieldInFile = ({ envelope, columnsOf: of }: MappedItem, field: string): string => {
  const columns = of?.(field, envelope) ?? [];
  if (columns.length === 0) return field;
  return `${field} (${columns.length === 1 ? 'column' : 'columns'} ${columns.map((name) => `"${name}"`).join(' and ')})`;
};

interface Place {
  readonly value: JsonValue | undefined;
  /** The list of whose entries `<.name>` is a member here. */
  readonly list: string;
}

const placeOf = (at: Place, steps: readonly string[], envelope: NativeEnvelope): Place | undefined => {
  const [step, ...further] = steps;
  if (step === undefined) return at;
  if (step === 'identifiers' && isMap(at.value) && 'identifiers' in at.value)
    return identifierAt(at.value['identifiers'], further, envelope);
  const { value, list } = at;
  // Entries that are null drop out of a list; objects stay, so there the place is certain.
  if (Array.isArray(value) && value.every((entry) => isMap(entry) && operatorOf(entry) === undefined))
    return placeOf({ value: value[Number(step)], list }, further, envelope);
  if (!isMap(value)) return at;
  const operator = operatorOf(value);
  if (operator === '$stated') return placeOf({ value: value[operator], list }, steps, envelope);
  if (operator === '$each') {
    const entries = typeof value['of'] === 'string' ? namesIn(value['of'], list)[0] : undefined;
    return placeOf({ value: value[operator], list: entries === undefined ? list : `${entries}[]` }, further, envelope);
  }
  // Whatever lies within what an operator makes is made of all that it reads.
  if (operator !== undefined) return at;
  return Object.hasOwn(value, step) ? placeOf({ value: value[step], list }, further, envelope) : undefined;
};

/** Which rule named the identifier is certain where one alone names its type: rules that hold for no row, or name none, drop out. */
const identifierAt = (
  rules: JsonValue | undefined,
  [index, member]: readonly string[],
  { identifiers }: NativeEnvelope,
): Place | undefined => {
  const type = identifiers[Number(index)]?.type;
  if (type === undefined || member !== 'value' || !Array.isArray(rules)) return undefined;
  const naming = (rules as readonly JsonValue[]).filter(isMap).filter((rule) => Object.hasOwn(rule, type));
  return naming.length === 1 ? { value: naming[0]?.[type], list: '' } : undefined;
};

/** Of an operator's options, those that hold words, and those that only choose. */
const noValues: ReadonlySet<string> = new Set(['in', 'where', 'when']);

const columnsIn = ({ value, list }: Place): readonly string[] => {
  if (typeof value === 'string') return namesIn(value, list);
  if (typeof value !== 'object' || value === null) return [];
  const parts = Object.entries(value).filter(([key]) => !noValues.has(key));
  return parts.flatMap(([, part]) => columnsIn({ value: part as JsonValue, list }));
};

/** `<$row>` and its like are of no column. */
const namesIn = (text: string, list: string): readonly string[] =>
  [...text.matchAll(/\\[<\\]|<([^<>]+)>/g)].flatMap(([, name]) => {
    if (name === undefined || name.startsWith('$')) return [];
    return name === '.' ? [list] : name.startsWith('.') ? [`${list}${name}`] : [name];
  });

const operatorOf = (value: object): string | undefined => Object.keys(value).find((key) => key.startsWith('$'));

const isMap = (value: JsonValue | undefined): value is { readonly [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
