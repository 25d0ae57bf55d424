import { type Clock, type DocumentStore, type Log } from '@tributary/kernel';
import { awaitOutcome, type Command, submitCommand } from '@tributary/pipeline';
import { type CommandOutcome, type CustomerCommands, type Order } from '../profiles/customer-commands.js';

/** How long a caller waits for the pipeline to come to a command; it is durable before, and is done later all the same. */
const PATIENCE_MS = 20_000;

/** Commands by way of the log: durable first, carried out in order by the pipeline, once. */
export const logCommands = (log: Log, documents: DocumentStore, clock: Clock): CustomerCommands => {
  const submit = async (command: Command): Promise<CommandOutcome> => {
    // A repeat of a command that has been carried out is answered with what came of it.
    const [known] = await documents.get('outcome', [command.id]);
    if (known === undefined) await submitCommand(log, command);
    return (await awaitOutcome(documents, command.id, PATIENCE_MS)) ?? { status: 'pending' };
  };
  const said = ({ commandId, by, reason }: Order) => ({ id: commandId, at: clock.now(), by, reason });
  return {
    merge: (customer, other, order) => submit({ type: 'merge', ...said(order), customer, other }),
    unmerge: (customer, subject, order) => submit({ type: 'unmerge', ...said(order), customer, subject }),
    erase: (customer, order) => submit({ type: 'erase', ...said(order), customer }),
  };
};
