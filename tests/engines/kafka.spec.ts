import { logContract } from '@tributary/kernel/contracts';
import { openKafkaLog } from '@tributary/kafka';
import { engine } from './engine.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  const open = () => openKafkaLog({ url });
  logContract('Kafka', async () => {
    let log = await open();
    return {
      log,
      reopen: async () => {
        await log.close();
        return (log = await open());
      },
      close: () => log.close(),
    };
  });
});
