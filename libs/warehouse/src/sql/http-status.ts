/** HTTP status for an exception's code, as ClickHouse maps them. */
const statuses: readonly (readonly [number, readonly number[]])[] = [
  [401, [194]],
  [403, [192, 193, 497, 512, 516]],
  [400, [6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441, 675, 676]],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  [413, [229]],
  [501, [48]],
  [503, [76, 202, 209, 439]],
  [411, [381]],
  [408, [159]],
];

const byCode = new Map(statuses.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)));

export const httpStatusOf = (code: number): number => byCode.get(code) ?? 500;
