/** What the command's exit status says; documented in `tributary --help`. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  unreachable: 5,
  notCompared: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const exitCodeHelp = `Exit codes:
  0    done
  1    failed, nothing of an imported file was understood, or \`verify\` found a difference
  2    wrong usage: an unknown command, option or value
  3    not found: nobody is known by this, no such file, channel or key
  4    refused: it conflicts with how things stand, or the key does not allow it
  5    the server is there and does not answer, or stays too busy
  6    \`verify\` found no difference, and could not compare everything, or could not read the store at all; it
       says what, and why
  130  interrupted (Ctrl-C); what was acknowledged until then is kept`;
