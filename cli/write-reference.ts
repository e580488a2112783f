import type { Command } from 'commander';
import { EXIT, EXIT_MEANINGS } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { SETTING_VARIABLES } from './settings.ts';

/** @returns `docs/cli.md`, written from the commands themselves. */
export function cliReference(): string {
  let help = '';
  const output = {
    writeOut: (text: string) => {
      help += text;
    },
    writeErr: () => {},
  };
  const program = buildProgram(async () => {}, output);
  const sections = leavesOf(program).map(({ name, command }) => {
    help = '';
    command.outputHelp();
    return `### ${name}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
  });
  return `${opening()}\n## Commands\n\n${sections.join('\n')}`;
}

function leavesOf(parent: Command, prefix = ''): { name: string; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const name = `${prefix}${command.name()}`;
    return command.commands.length > 0 ? leavesOf(command, `${name} `) : [{ name, command }];
  });
}

function opening(): string {
  const settings = Object.entries(SETTING_VARIABLES).map(
    ([name, says]) => `| \`${name}\` | ${says} |`,
  );
  const codes = Object.entries(EXIT_MEANINGS).map(
    ([name, says]) => `| ${EXIT[name as keyof typeof EXIT]} | ${says} |`,
  );
  return `# The command line

<!-- Written from cli/ by \`WRITE_DOCS=1 npx vitest run test/cli/reference.test.ts\`. -->

\`npm run holdfast -- COMMAND\` calls the admin API of one installation. Requests are signed with
your AWS credentials; the API decides by your IAM identity what you may do.

- Results go to stdout, progress and errors to stderr; with \`--json\` there is no progress, but
  that of \`push\`: one JSON document a line, whose \`event\` is \`begun\`, \`progress\` or
  \`skipped\`.
- With \`--json\` stdout is one JSON document: the answer of the admin API. An error is one JSON
  document on stderr: \`{"error", "message", "next"}\`.
- A question that is not answered is asked again, up to four times. What changes something is sent
  once; look before you send it again.
- \`restore --to FOLDER\` reads the copies and the keys with your own credentials: assume the reader
  role of the installation for it.
- \`push\` encrypts and writes with your own credentials: assume the writer role for it. On a
  terminal it shows a bar, elsewhere a line every 10 seconds. Ctrl-C abandons the push and ends
  with 130.

## Environment

| variable | meaning |
|---|---|
${settings.join('\n')}

## Exit codes

| code | meaning |
|---|---|
${codes.join('\n')}

A command that waits ends with the code of what made the work fail. \`snapshot show\` of a damaged
snapshot and \`audit show\` of a broken chain print what they found and end with 6.
`;
}
