import { expect, test } from '@jest/globals';
import { StoreFull } from '@tributary/kernel';
import { failureOf } from './warehouse-errors.js';

test.each([
  [
    "Code: 6. DB::Exception: Cannot parse string '13800001234' as UInt64. (CANNOT_PARSE_TEXT)",
    'CANNOT_PARSE_TEXT (code 6)',
  ],
  [
    'Code: 497. DB::Exception: loader: Not enough privileges. To execute this query, it is necessary to have the grant INSERT(a) ON t. (ACCESS_DENIED) (version 26.5.1.1)',
    'Code: 497. DB::Exception: loader: Not enough privileges. To execute this query, it is necessary to have the grant INSERT(a) ON t. (ACCESS_DENIED)',
  ],
  [
    "Code: 60. DB::Exception: Unknown table expression identifier 'people' in scope SELECT * FROM people WHERE a = '13800001234'. (UNKNOWN_TABLE)",
    "Code: 60. DB::Exception: Unknown table expression identifier 'people' (UNKNOWN_TABLE)",
  ],
])('a failure is told with no value, and with the grant that is missing: %s', (said, told) => {
  expect(failureOf('clickhouse', said)).toMatchObject({ failure: 'fatal', message: `clickhouse: ${told}` });
});

test.each([
  ['Code: 76. DB::ErrnoException: Cannot open file x: errno: 24, Too many open files. (CANNOT_OPEN_FILE)', 'retriable'],
  ['Code: 1001. DB::Exception: std::bad_alloc. (STD_EXCEPTION)', 'retriable'],
  ['Code: 47. DB::Exception: Unknown identifier x. (UNKNOWN_IDENTIFIER)', 'fatal'],
  ['socket hang up', 'unknown'],
])('whether it may go well the next time: %s', (said, failure) => {
  expect(failureOf('clickhouse', said)).toMatchObject({ failure });
});

test('a disk that is full is told as such, whatever else failed by it', () => {
  const said =
    'Code: 75. DB::ErrnoException: Cannot write to file: errno: 28, No space left on device. (CANNOT_WRITE_TO)';
  expect(failureOf('chdb', said)).toBeInstanceOf(StoreFull);
});
