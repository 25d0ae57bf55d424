import { DAY_MS } from '@tributary/kernel';
import { type Logger } from 'pino';

/** Said once when the clock leaps, and once when it is believed again. */
export const tellOfLeap = (logger: Logger, leap_ms: number | null): void => {
  if (leap_ms === null) logger.info('the clock is believed again; silence is concluded by it');
  else
    logger.warn(
      { leap_days: daysOf(leap_ms) },
      'the clock is not where it should be: nobody is found silent until it has gone on steadily for ten minutes; check it',
    );
};

/** For the page and the command line, as long as it lasts. */
export const noticeOfLeap = (leap_ms: number | null): string | undefined =>
  leap_ms === null
    ? undefined
    : `The clock leapt by ${daysOf(leap_ms)} days, or we were off for so long: nobody is found silent until it has gone on steadily for ten minutes.  时钟跳变了 ${daysOf(leap_ms)} 天（或停机如此之久）：待其平稳运行十分钟后，才会判定客户沉默。`;

const daysOf = (leap_ms: number): number => Math.round((leap_ms / DAY_MS) * 10) / 10;
