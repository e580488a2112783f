import type { Command } from 'commander';

/**
 * Finds a mistyped option. Commander complains first of a required option that is missing, which
 * hides that it was given under a wrong name.
 *
 * @param args - arguments after the program's name.
 * @returns the first long option that the command named by `args` does not have.
 */
export function findUnknownOption(program: Command, args: readonly string[]): string | undefined {
  let command = program;
  for (let index = 0; index < args.length; index += 1) {
    const [name = ''] = (args[index] ?? '').split('=');
    const below = command.commands.find((each) => each.name() === name);
    const option = command.options.find((each) => each.long === name);
    if (below !== undefined) {
      command = below;
    } else if (option?.required === true && name === args[index]) {
      // What follows is its value, whatever it looks like.
      index += 1;
    } else if (option === undefined && name.startsWith('--') && name.length > 2) {
      return name;
    }
  }
  return undefined;
}
