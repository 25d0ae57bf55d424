/** Lints texts as if they stood in files of the checkout: `[[path, text], …]` in, the broken rules of each out, as JSON. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const eslint = new ESLint({ cwd });
const broken = [];
for (const [filePath, text] of JSON.parse(process.argv[2])) {
  const [result] = await eslint.lintText(text, { filePath });
  broken.push(result.messages.map(({ ruleId, message }) => ruleId ?? message));
}
process.stdout.write(JSON.stringify(broken));
