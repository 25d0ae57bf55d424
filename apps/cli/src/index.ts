export { ExitCode } from './exit-code.js';
export { run } from './run.js';
export { type Surroundings } from './surroundings.js';
