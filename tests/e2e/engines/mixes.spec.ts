import { engine } from '../../engines/engine.js';
import { CUSTOMERS, feedSample } from './feed-sample.js';
import { overMixes } from './over-mixes.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (kafkaUrl) => {
  const until = Date.now();
  overMixes(kafkaUrl, {
    what: `the sample of ${CUSTOMERS} customers`,
    into: (town) => feedSample(town, until),
    customers: CUSTOMERS / 2,
    patience_ms: 180_000,
  });
});
